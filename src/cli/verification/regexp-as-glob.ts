/**
 * The glob that says the same as a regular expression about a whole text, or undefined where none does; then nothing looser is taken.
 *
 * `*` stands for any text. The beginning is anchored whether or not it says `^`. A dot alone stands for a dot, which is what is meant.
 *
 * @example regexpAsGlob('^https://github\\.com/me/.*@refs/tags/.*$') === 'https://github.com/me/*@refs/tags/*'
 */
export function regexpAsGlob(expression: string): string | undefined {
  const endsSomewhere = expression.endsWith('$') && !expression.endsWith('\\$')
  if (!endsSomewhere && !/(?<!\\)\.\*$/.test(expression)) return undefined
  const body = expression.slice(expression.startsWith('^') ? 1 : 0, endsSomewhere ? -1 : undefined)
  let glob = ''
  for (const [token] of body.matchAll(/\.\*|\\.|[^]/gu)) {
    if (token === '.*') glob += '*'
    else if (/^\\[^\p{L}\p{N}*\s]$/u.test(token)) glob += token.slice(1)
    else if (/^[^\\^$*+?()[\]{}|]$/u.test(token)) glob += token
    else return undefined
  }
  return glob
}
