import { InvalidWordError } from '../errors.ts'

/** What one place of a pattern takes: any run of characters, any one character, or this one. */
type Token =
  | { readonly kind: 'run' }
  | { readonly kind: 'any' }
  | { readonly kind: 'one'; readonly character: string }

/**
 * The pattern of `${NAME#pattern}`: `*` is any run of characters, `?` any one, `\` takes the meaning from these and itself.
 * It is followed place by place, all ways at once, so no pattern takes longer than its length times the text's.
 */
export class ShellPattern {
  readonly #tokens: readonly Token[]

  /** @throws {InvalidWordError} a backslash in front of anything else. */
  constructor(pattern: string) {
    this.#tokens = readTokens(pattern)
  }

  /** The text without the shortest or longest match at its beginning. */
  withoutPrefix(text: string, isLongest: boolean): string {
    const characters = Array.from(text)
    const length = matchLength(this.#tokens, characters, isLongest)
    return characters.slice(length ?? 0).join('')
  }

  /** The text without the shortest or longest match at its end. */
  withoutSuffix(text: string, isLongest: boolean): string {
    const characters = Array.from(text).toReversed()
    const length = matchLength(this.#tokens.toReversed(), characters, isLongest)
    return characters
      .slice(length ?? 0)
      .toReversed()
      .join('')
  }

  /** The text with the first match, or every one, replaced; the longest from each place. */
  replace(text: string, replacement: string, isEvery: boolean): string {
    const firstRun = this.#tokens.findIndex((token) => token.kind === 'run')
    const head = firstRun < 0 ? this.#tokens : this.#tokens.slice(0, firstRun)
    const tail = firstRun < 0 ? [] : this.#tokens.slice(firstRun)
    const characters = Array.from(text)
    let result = ''
    let at = 0
    while (at < characters.length) {
      const headEnd = startsWith(head, characters, at) ? at + head.length : undefined
      // A run takes all it can: where it fails once or is through, it finds nothing further on.
      const length =
        headEnd === undefined || tail.length === 0 ? 0 : matchLength(tail, characters.slice(headEnd), true)
      if (length === undefined) break
      if (headEnd === undefined || headEnd + length === at) {
        result += characters[at] ?? ''
        at += 1
        continue
      }
      result += replacement
      at = headEnd + length
      if (!isEvery || tail.length > 0) break
    }
    return result + characters.slice(at).join('')
  }
}

function startsWith(tokens: readonly Token[], characters: readonly string[], from: number): boolean {
  return (
    from + tokens.length <= characters.length &&
    tokens.every((token, index) => token.kind !== 'one' || token.character === characters[from + index])
  )
}

function readTokens(pattern: string): readonly Token[] {
  const characters = Array.from(pattern)
  const tokens: Token[] = []
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? ''
    if (character === '*') tokens.push({ kind: 'run' })
    else if (character === '?') tokens.push({ kind: 'any' })
    else if (character === '\\') {
      at += 1
      const escaped = characters[at] ?? ''
      // Within `${}`, "}" and "/" need one too.
      if (escaped === '' || !'*?\\}/'.includes(escaped))
        throw new InvalidWordError(
          pattern,
          'a backslash in a pattern stands before "*", "?", "}", "/" or "\\"',
        )
      tokens.push({ kind: 'one', character: escaped })
    } else tokens.push({ kind: 'one', character })
  }
  return tokens
}

/** How many characters match from the first on; undefined where none do. */
function matchLength(
  tokens: readonly Token[],
  characters: readonly string[],
  isLongest: boolean,
): number | undefined {
  let places = withoutRuns(tokens, new Set([0]))
  let found: number | undefined
  for (let at = 0; ; at += 1) {
    if (places.has(tokens.length)) found = at
    if (places.size === 0 || at >= characters.length || (found !== undefined && !isLongest)) return found
    const next = new Set<number>()
    for (const place of places) {
      const token = tokens[place]
      if (token?.kind === 'run') next.add(place)
      else if (token?.kind === 'any' || (token?.kind === 'one' && token.character === characters[at]))
        next.add(place + 1)
    }
    places = withoutRuns(tokens, next)
  }
}

/** The places with those that are reached by runs without characters. */
function withoutRuns(tokens: readonly Token[], places: Set<number>): Set<number> {
  // A set gives what is added while it is gone through.
  for (const place of places) if (tokens[place]?.kind === 'run') places.add(place + 1)
  return places
}
