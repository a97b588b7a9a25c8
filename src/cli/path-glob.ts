/** Says whether a text has characters that a glob gives a meaning. */
export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text)
}

/**
 * The expression for a glob over paths relative to the root: `*` and `?` within one name, `**` over directories,
 * `[a-z]`, `[!a]` and `{a,b}`. A glob without a slash means names in every directory.
 */
export function pathGlob(glob: string): RegExp {
  const anchored = glob.replace(/^\/+/, '')
  const anywhere = glob.includes('/') ? '' : '(?:.*/)?'
  return new RegExp(`^${anywhere}${translate(anchored)}$`, 'su')
}

const tokens = /\*\*\/|\*\*|\*|\?|\[[!^]?\]?[^\]/]*\]|\{[^{}/]*\}|[^]/gu

function translate(glob: string): string {
  return glob.replace(tokens, (token) => {
    switch (token) {
      case '**/':
        return '(?:.*/)?'
      case '**':
        return '.*'
      case '*':
        return '[^/]*'
      case '?':
        return '[^/]'
      default:
        if (token.length > 1 && token.startsWith('[')) return translateClass(token)
        if (token.length > 1 && token.startsWith('{')) return translateChoice(token)
        return literal(token)
    }
  })
}

/** `[!a-z]` as an expression has it; one that makes no sense, as `[z-a]`, means its characters. */
function translateClass(token: string): string {
  const isNegated = /^\[[!^]/.test(token)
  const members = token.slice(isNegated ? 2 : 1, -1).replace(/[\\\]^[&~|(){}/+*?.$]/g, String.raw`\$&`)
  const expression = isNegated ? `[^/${members}]` : `[${members}]`
  try {
    return new RegExp(expression, 'u').source
  } catch {
    return literal(token)
  }
}

function translateChoice(token: string): string {
  return `(?:${token.slice(1, -1).split(',').map(translate).join('|')})`
}

function literal(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}/]/g, String.raw`\$&`)
}
