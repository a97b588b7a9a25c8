import { describe, expect, it } from 'vitest'
import { parseDockerfile } from '../parser/parse-dockerfile.ts'
import { SourceText } from '../parser/source-text.ts'
import { ExpansionBudget } from '../words/expand-word.ts'
import { parseWord } from '../words/parse-word.ts'
import { readAssignments } from './assignments.ts'
import { Scope, type ScopeOptions } from './scope.ts'

/** A scope that has gone through the `ARG`s and `ENV`s of a file. */
function scopeOf(text: string, options: Partial<ScopeOptions> = {}): Scope {
  const { instructions, escape } = parseDockerfile(text)
  const scope = new Scope({ escape, budget: new ExpansionBudget(), given: new Map(), ...options })
  for (const instruction of instructions) {
    const assignments = readAssignments(instruction, escape)
    if (instruction.name === 'ENV') scope.setEnvironment(assignments)
    else for (const assignment of assignments) scope.declare(assignment)
  }
  return scope
}

function valueOf(scope: Scope, word: string): string {
  const source = new SourceText(word, [{ index: 0, offset: 0, length: word.length }], 0)
  return scope.expand(parseWord(source, '\\')).value
}

describe('Scope', () => {
  it.each([
    ['several in one line', 'ARG A=1 B=2', '$A$B', '12'],
    ['each ARG sees those in front of it', 'ARG A=1 B=${A}2', '$B', '12'],
    ['not those behind it', 'ARG B=${A}2 A=1', '$B', '2'],
    ['the last counts', 'ARG A=1\nARG A=2', '$A', '2'],
    ['quotes and blanks', `ARG A="x y" B='$A'`, '$A$B', 'x y$A'],
    ['an equals sign in a value', 'ARG A=x=y', '$A', 'x=y'],
    ['ENV goes before ARG', 'ENV A=1\nARG A=2', '$A', '1'],
    ['the older form of ENV', 'ENV A  b c', '$A', 'b c'],
    ['ENV reads what held before the line', 'ENV A=1\nENV A=2 B=$A', '$A$B', '21'],
    ['names have case', 'ARG a=1', '$A$a', '1'],
  ])('%s', (_, text, word, expected) => {
    expect(valueOf(scopeOf(text), word)).toBe(expected)
  })

  it('a stage takes a global argument over by declaring it, and its own default goes before', () => {
    const globals = scopeOf('ARG A=1 B=2 C=3')
    expect(valueOf(scopeOf('ARG A\nARG B=x', { globals }), '$A$B$C')).toBe('1x')
  })

  it('a stage has what the stage has that it is built on', () => {
    const parent = scopeOf('ARG A=1 B=2\nENV C=3')
    expect(valueOf(scopeOf('ARG B=x\nENV A=y', { parent }), '$A$B$C')).toBe('yx3')
  })

  it('what is given from outside goes before a default, where it is declared', () => {
    const given = new Map([
      ['A', 'x'],
      ['Z', 'z'],
    ])
    expect(valueOf(scopeOf('ARG A=1 B=$A', { given }), '$A$B$Z')).toBe('xx')
  })

  it('has the platform without a declaration, and a default before it', () => {
    const builtIn = new Map([
      ['TARGETARCH', 'arm64'],
      ['TARGETOS', 'linux'],
    ])
    const scope = scopeOf('ARG TARGETARCH\nARG TARGETOS=windows', { builtIn })
    expect(valueOf(scope, '$TARGETOS/$TARGETARCH')).toBe('windows/arm64')
  })

  it('a default that cannot be read is no value, and says why', () => {
    const binding = scopeOf('ARG A=${B').lookup('A')
    expect([binding?.value, binding?.problem]).toEqual([undefined, '"}" is missing'])
  })

  it('notes what a value misses', () => {
    const binding = scopeOf('ARG A=x$B\nARG C=$A').lookup('C')
    expect([binding?.value, ...(binding?.missing ?? [])]).toEqual(['x', 'B'])
  })
})
