import { formatBytes } from './format-bytes.ts'
import { safeText } from './safe-text.ts'

/** Says that a file was written, with its size in bytes where it has one. */
export function wroteLine(path: string, size: number | undefined): string {
  return `wrote ${safeText(path)}${size === undefined ? '' : ` (${formatBytes(size)})`}`
}
