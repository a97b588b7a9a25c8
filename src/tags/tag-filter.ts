import { posix } from 'node:path'
import { UsageError } from '../errors/index.ts'

/** Says whether a tag is meant. */
export type TagFilter = (tag: string) => boolean

/**
 * Reads what tags somebody wants: a range of versions where the text starts with `^`, `~`, `<`, `>` or `=`, holds `||` or
 * ` - `, or reads like `3.x`; else a glob (`*-slim`, `3.{11,12}`).
 *
 * A range is npm's. It means tags that are versions: one to three numbers, perhaps with a `v` in front; what is
 * left out counts as 0. Anything behind them is a pre-release to a range, and is meant only where the range names one of
 * the same version: `^3.12` does not mean `3.13-slim`.
 *
 * @throws {UsageError} for a text that looks like a range and is none.
 */
export async function parseTagFilter(text: string): Promise<TagFilter> {
  if (text === '') throw new UsageError('Cannot filter tags: the filter is empty', { hint: filterHint })
  if (!looksLikeRange(text)) return (tag) => posix.matchesGlob(tag, text)

  const { default: semver } = await import('semver')
  const range = parseRange(text)
  return (tag) => {
    const version = versionText(tag)
    return version !== undefined && range.test(version)
  }

  function parseRange(wanted: string): InstanceType<typeof semver.Range> {
    try {
      return new semver.Range(wanted, { loose: true })
    } catch (error) {
      throw new UsageError(`Cannot filter tags by ${JSON.stringify(wanted)}: it is not a range of versions`, {
        hint: filterHint,
        cause: error,
      })
    }
  }
}

const filterHint = "A range reads '^3.9', '>=3.9 <4' or 3.x; a glob '*-slim'."

function looksLikeRange(text: string): boolean {
  return /^[\^~<>=]|\|\||\s-\s/.test(text) || /^v?\d+(?:\.\d+)?\.[xX](?:\.[xX])?$/.test(text)
}

const versionTag = /^v?(\d{1,15})(?:\.(\d{1,15}))?(?:\.(\d{1,15}))?((?:[-+._]|(?=[a-z])).*)?$/i

/** A tag as a semantic version; undefined where it is no version. */
function versionText(tag: string): string | undefined {
  const [all, major, minor = '0', patch = '0', suffix = ''] = versionTag.exec(tag) ?? []
  if (all === undefined) return undefined
  const numbers = [major, minor, patch].map(Number).join('.')
  const preRelease = suffix.replace(/^[-+._]/, '').replaceAll('_', '-')
  return preRelease === '' ? numbers : `${numbers}-${preRelease}`
}
