/** Reads a whole number from 1 on. @throws {Error} saying that it is none; the parser names the flag. */
export function parseCount(text: string): number {
  const count = Number(text)
  if (!/^\d{1,6}$/.test(text) || count < 1) throw new Error('it is not a whole number from 1 on')
  return count
}
