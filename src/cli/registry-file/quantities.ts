/** A time as people write it: `90s`, `5m`, `24h`, `7d`, `2w`. Each unit has digits for a hundred years or so, no more. */
export const durationPattern: RegExp =
  /^(?=\d{1,9}s|\d{1,7}m|\d{1,6}h|\d{1,5}d|\d{1,4}w)(?<amount>\d+)(?<unit>[smhdw])$/

/** A number of bytes as people write it: `512KiB`, `4MiB`, `64GiB`, `2TB`. */
export const sizePattern: RegExp = /^(?<amount>\d{1,15})(?<unit>B|[KMGT]B|[KMGT]iB)$/

const seconds: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
  ['w', 604_800],
])

const bytes: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40],
])

/** Seconds of a text that matches {@link durationPattern}. */
export function parseDuration(text: string): number {
  return parseQuantity(text, durationPattern, seconds)
}

/** Bytes of a text that matches {@link sizePattern}. */
export function parseSize(text: string): number {
  return parseQuantity(text, sizePattern, bytes)
}

function parseQuantity(text: string, pattern: RegExp, units: ReadonlyMap<string, number>): number {
  const { amount, unit } = pattern.exec(text)?.groups ?? {}
  const factor = units.get(unit ?? '')
  if (amount === undefined || factor === undefined) throw new RangeError(`${text} has no unit`)
  return Number(amount) * factor
}
