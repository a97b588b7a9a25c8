/** Choices that are the same for the same seed. */
export interface RandomChoices {
  /** A whole number from 0 up to, not including, `below`. */
  number(below: number): number
  /** One of these. */
  one<Item>(items: readonly [Item, ...Item[]]): Item
}

/** mulberry32: small, and good enough to choose by. */
export function randomChoices(seed: number): RandomChoices {
  let state = seed >>> 0
  function number(below: number): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
  return { number, one: (items) => items[number(items.length)] ?? items[0] }
}
