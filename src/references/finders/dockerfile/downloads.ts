import {
  type EscapeCharacter,
  flagOf,
  type Instruction,
  InvalidWordError,
  parseWord,
  type Scope,
  type SourceText,
  splitAtWhite,
} from '../../../dockerfile/index.ts'
import { redactUrl } from '../../../errors/index.ts'
import { allUsed } from './all-used.ts'
import type { NamedImage } from './named-image.ts'

/** What `ADD` fetches, also behind `ONBUILD`: it comes from outside, and no lock of images can hold it. */
export function findDownloads(
  instruction: Instruction,
  scope: Scope,
  escape: EscapeCharacter,
): readonly NamedImage[] {
  if (instruction.name === 'ONBUILD')
    return instruction.trigger === undefined ? [] : findDownloads(instruction.trigger, scope, escape)
  if (instruction.name !== 'ADD' || flagOf(instruction, 'from') !== undefined) return []
  return sourcesOf(instruction).flatMap((source) => {
    const found = readSource(source, scope, escape, flagOf(instruction, 'checksum')?.text)
    return found === undefined ? [] : [found]
  })
}

/** Everything but the last argument, which is where it goes. */
function sourcesOf({ list, rest }: Instruction): readonly SourceText[] {
  return (list === undefined ? splitAtWhite(rest) : list.map(({ source }) => source)).slice(0, -1)
}

function readSource(
  written: SourceText,
  scope: Scope,
  escape: EscapeCharacter,
  checksum: string | undefined,
): NamedImage | undefined {
  try {
    const word = parseWord(written, escape)
    const { value, missing, used } = scope.expand(word)
    const reason = whyUnlockable(value, checksum)
    const [first] = word.parts
    const unknown = first?.kind === 'variable' && missing.has(first.name) ? first.name : undefined
    if (reason === undefined && unknown === undefined) return undefined
    return {
      place: `ADD:${reason === undefined ? written.text : showAddress(value)}`,
      written,
      target: {
        kind: 'unlockable',
        reason: reason ?? `whether it is a download depends on ${unknown}, which has no value`,
      },
      used: allUsed(used),
      missing,
      pin: { kind: 'none', reason: 'it is no image' },
    }
  } catch (error) {
    if (!(error instanceof InvalidWordError)) throw error
    return undefined
  }
}

/** Why something that `ADD` takes is in no lock; undefined where it is a file of the project. */
function whyUnlockable(source: string, checksum: string | undefined): string | undefined {
  const reason = whyFetched(source)
  if (reason !== aDownload) return reason
  return checksum === undefined
    ? `${reason}; ADD --checksum=sha256:… would hold it to its content`
    : `${reason}, and its --checksum holds it to ${checksum}`
}

const aDownload = 'it is a download'

/** Why what a builder fetches by its address is in no lock; undefined for what is no address. */
export function whyFetched(source: string): string | undefined {
  if (isGit(source)) {
    return /#[0-9a-f]{40}(?:[0-9a-f]{24})?(?::|$)/.test(source)
      ? 'it is a git repository, and the commit behind "#" holds it'
      : 'it is a git repository; a commit behind it (#<commit>) would hold it'
  }
  return /^https?:\/\//i.test(source) ? aDownload : undefined
}

function isGit(source: string): boolean {
  return (
    /^(?:git|ssh):\/\//i.test(source) ||
    /^[\w.-]+@[\w.-]+:/.test(source) ||
    /^https?:\/\/[^#?]*\.git(?:[#?]|$)/i.test(source)
  )
}

/** An address without what is secret in it. */
function showAddress(address: string): string {
  return URL.canParse(address) ? redactUrl(address) : address
}
