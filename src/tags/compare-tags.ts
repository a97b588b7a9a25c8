/**
 * Orders tags for people, who look for the newest version at the end. First come tags that attach something to an image
 * (`sha256-….sig`), then those that are no version (`edge`, `latest`), numbers in them counted as numbers, then the
 * versions, lowest first: `3.9` before `3.10`, with or without a `v` in front. A pre-release stands before its release
 * (`1.2.0-rc1`, `1.2.0`), any other suffix behind it (`3.12`, `3.12-slim`).
 *
 * It is a total order: only equal texts compare as 0.
 */
export function compareTags(one: string, other: string): number {
  const a = readTag(one)
  const b = readTag(other)
  if (a.version === undefined || b.version === undefined)
    return a.rank - b.rank || compareNaturally(one, other) || compareText(one, other)
  return (
    compareNumbers(a.version.numbers, b.version.numbers) ||
    a.version.stage - b.version.stage ||
    compareNaturally(a.version.suffix, b.version.suffix) ||
    compareText(one, other)
  )
}

interface ReadTag {
  /** Attachment, word, version. */
  readonly rank: 0 | 1 | 2
  readonly version?: TagVersion
}

interface TagVersion {
  /** Digits as written. */
  readonly numbers: readonly string[]
  /** Pre-release, release, or a variant of it. */
  readonly stage: 0 | 1 | 2
  readonly suffix: string
}

const versionStart = /^v?(\d+(?:\.\d+)*)(?=$|[-._]|(?:a|b|rc|alpha|beta)\d)/
/** As versions are written at the registries: `-rc.1`, `rc1`, `a2`, `-beta`; not `-alpine`, and not `-dev`, which names variants. */
const preRelease = /^(?:[-._]?(?:alpha|beta|rc|pre|preview|snapshot)(?![a-z])|[ab](?=\d))/i

/** The referrers fallback tag of OCI's distribution specification, and cosign's tags. */
const attachment = /^sha(?:256-[0-9a-f]{64}|512-[0-9a-f]{128})(?:\.|$)/

function readTag(tag: string): ReadTag {
  const version = readVersion(tag)
  if (version !== undefined) return { rank: 2, version }
  return { rank: attachment.test(tag) ? 0 : 1 }
}

function readVersion(tag: string): TagVersion | undefined {
  const [start, numbers] = versionStart.exec(tag) ?? []
  if (start === undefined || numbers === undefined) return undefined
  const suffix = tag.slice(start.length)
  return { numbers: numbers.split('.'), stage: stageOf(suffix), suffix }
}

function stageOf(suffix: string): TagVersion['stage'] {
  if (suffix === '') return 1
  return preRelease.test(suffix) ? 0 : 2
}

/** Where one ends the other is higher: `3` before `3.9`. */
function compareNumbers(ones: readonly string[], others: readonly string[]): number {
  for (const [index, one] of ones.entries()) {
    const other = others[index]
    if (other === undefined) return 1
    const order = compareDigits(one, other)
    if (order !== 0) return order
  }
  return ones.length - others.length
}

function compareNaturally(one: string, other: string): number {
  const ones = one.split(/(\d+)/)
  const others = other.split(/(\d+)/)
  for (const [index, a] of ones.entries()) {
    const b = others[index]
    if (b === undefined) return 1
    const order = index % 2 === 1 ? compareDigits(a, b) : compareText(a, b)
    if (order !== 0) return order
  }
  return ones.length - others.length
}

/** By value; a tag holds up to 128 digits, more than a number does. */
function compareDigits(one: string, other: string): number {
  const a = one.replace(/^0+/, '')
  const b = other.replace(/^0+/, '')
  return a.length - b.length || compareText(a, b)
}

function compareText(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
