import { LadingError } from '../../errors/index.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'

/** The lines that say what could not be done, why, and what to try; with `debug` also where it came from. */
export function errorLines(
  error: unknown,
  options: { readonly style: Style; readonly debug: boolean },
): string[] {
  const { style, debug } = options
  const lines = [`${style.red('error:')} ${safeText(messageOf(error))}`]
  const hint = hintOf(error)
  if (hint !== undefined) lines.push(`${style.dim('  try:')} ${safeText(hint)}`)
  else if (!(error instanceof LadingError) && !debug)
    lines.push(`${style.dim('  try:')} again with --debug, and report what it says`)
  if (debug) lines.push(...stackLines(error).map((line) => style.dim(line)))
  return lines
}

/** What to try where the error does not say. */
const hints: ReadonlyMap<string, string> = new Map([
  ['DAMAGED', 'fetch or write it again; if it stays so, whoever published it has to.'],
])

function hintOf(error: unknown): string | undefined {
  if (!(error instanceof LadingError)) return undefined
  const code: unknown = error.code
  return error.hint ?? (typeof code === 'string' ? hints.get(code) : undefined)
}

function messageOf(error: unknown): string {
  if (error instanceof LadingError) return error.message
  return `Cannot go on: unexpected error: ${error instanceof Error ? error.message : String(error)}`
}

function stackLines(error: unknown): string[] {
  const lines: string[] = []
  let current = error
  for (let depth = 0; depth < 8 && current instanceof Error; depth += 1) {
    const stack = (current.stack ?? current.message).split('\n').map((line) => safeText(line))
    lines.push(...stack.map((line, index) => (index === 0 && depth > 0 ? `caused by ${line}` : line)))
    current = current.cause
  }
  return lines
}
