import { type Binding, literalOf, type Word } from '../../../dockerfile/index.ts'
import type { Pin } from './named-image.ts'

/** How many arguments that are nothing but another one are followed. */
const longestChain = 100

/**
 * Finds the characters that are the whole reference: of the word itself, or of the default of the argument that the word is,
 * or of `default` in `${NAME:-default}`. Anything that is put together cannot be pinned: a digest behind `python:${VERSION}`
 * would stay when the version changes.
 */
export function findPin(word: Word, lookup: (name: string) => Binding | undefined): Pin {
  let current = word
  let find = lookup
  for (let step = 0; step < longestChain; step += 1) {
    const literal = literalOf(current)
    if (literal !== undefined) return { kind: 'text', text: literal }
    const [part] = current.parts
    if (current.parts.length !== 1 || part === undefined) return putTogether(current)
    if (part.kind === 'text') return { kind: 'none', reason: 'it is broken by quotes, escapes or lines' }
    const { name, operation } = part
    if (operation !== undefined && operation.kind !== '-' && operation.kind !== '?')
      return putTogether(current)
    const binding = find(name)
    const isSet = binding?.value !== undefined && !(operation?.emptyIsUnset === true && binding.value === '')
    if (isSet && binding.kind === 'given') return { kind: 'given', name: binding.name }
    const next = isSet ? binding.written : operation?.word
    if (next === undefined) return putTogether(current)
    current = next
    if (isSet) find = (wanted) => [...binding.used].find((one) => one.name === wanted)
  }
  return { kind: 'none', reason: `more than ${longestChain} arguments stand for each other` }
}

function putTogether(word: Word): Pin {
  const names = word.parts.flatMap((part) => (part.kind === 'variable' ? [part.name] : []))
  return {
    kind: 'none',
    reason: `it is put together with ${[...new Set(names)].slice(0, 5).join(', ')}; an ARG whose default is the whole image can be`,
  }
}
