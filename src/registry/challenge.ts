/** One way to authenticate that a server offers (RFC 9110 §11.6.1). */
export interface Challenge {
  /** Lower case: `basic`, `bearer`, `negotiate` … */
  readonly scheme: string
  /** Names in lower case, values with quotes and escapes taken away. */
  readonly parameters: ReadonlyMap<string, string>
}

const longestHeader = 16 * 1024
const mostChallenges = 32

/**
 * Reads the values of `WWW-Authenticate` headers; one header may hold several challenges.
 *
 * Total: what makes no sense is skipped, a scheme that is not known here is given like any other.
 * Values may be quoted with escapes, or bare even where the grammar wants quotes (`realm=https://…`).
 */
export function parseChallenges(headers: readonly string[]): readonly Challenge[] {
  return headers.flatMap((header) => parseHeader(header.slice(0, longestHeader))).slice(0, mostChallenges)
}

interface OpenChallenge {
  readonly scheme: string
  readonly parameters: Map<string, string>
}

const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const separator = /[\s,]+/y
const equals = /[ \t]*=[ \t]*/y
const token68Rest = /[A-Za-z0-9._~+/-]*=*[ \t]*(?=,|$)/y
const quotedValue = /"((?:[^"\\]|\\.)*)(?:"|$)/sy
const bareValue = /[^\s,]*/y

function parseHeader(header: string): readonly Challenge[] {
  const challenges: OpenChallenge[] = []
  let position = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position
    const match = pattern.exec(header)
    if (match !== null) position = pattern.lastIndex
    return match
  }

  while (position < header.length) {
    if (take(separator) !== null) continue
    const word = take(token)?.[0]
    if (word === undefined) {
      position += 1
      continue
    }
    const current = challenges.at(-1)
    if (current !== undefined && take(equals) !== null) {
      const quoted = take(quotedValue)
      const value = quoted === null ? (take(bareValue)?.[0] ?? '') : unescape(quoted[1] ?? '')
      const name = word.toLowerCase()
      if (!current.parameters.has(name)) current.parameters.set(name, value)
      continue
    }
    challenges.push({ scheme: word.toLowerCase(), parameters: new Map() })
    skipToken68(take, header, position)
  }
  return challenges
}

/** `Negotiate YII=`: credentials in one word, which would else look like a parameter's name. */
function skipToken68(
  take: (pattern: RegExp) => RegExpExecArray | null,
  header: string,
  position: number,
): void {
  if (!/[ \t]/.test(header.charAt(position))) return
  take(/[ \t]+/y)
  take(token68Rest)
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/gs, '$1')
}
