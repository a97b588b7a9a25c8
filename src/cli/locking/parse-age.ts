import { durationPattern, parseDuration } from '../registry-file/quantities.ts'

/** Reads a time with its unit, `3d`; gives seconds. @throws {Error} saying that it is none; the parser names the flag. */
export function parseAge(text: string): number {
  if (!durationPattern.test(text)) throw new Error('it is not a time with its unit: 12h, 3d, 2w')
  return parseDuration(text)
}
