import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tellSignersApart } from './tell-signers-apart.ts'

describe('tellSignersApart()', () => {
  test.each<[string, string[][], (string | undefined)[]]>([
    ['nobody', [], []],
    ['one for each', [['a'], ['b']], ['a', 'b']],
    ['the same for two', [['a'], ['a']], ['a', undefined]],
    ['one who makes room', [['a', 'b'], ['a']], ['b', 'a']],
    ['a chain of them', [['a', 'b'], ['a', 'c'], ['a'], ['d']], ['b', 'c', 'a', 'd']],
  ])('seats %s', (_, candidates, seated) => {
    expect(tellSignersApart(candidates)).toEqual(seated)
  })

  test('seats nobody twice or where they may not stand, and leaves no place empty that could be filled', () => {
    const names = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd'))
    fc.assert(
      fc.property(fc.array(names, { maxLength: 5 }), (candidates) => {
        const seated = tellSignersApart(candidates)
        const present = seated.filter((name) => name !== undefined)
        expect(new Set(present).size).toBe(present.length)
        for (const [place, name] of seated.entries())
          expect(name === undefined || candidates[place]?.includes(name)).toBe(true)
        expect(present.length).toBe(mostSeated(candidates, new Set()))
      }),
    )
  })
})

/** By trying everything. */
function mostSeated([first, ...rest]: readonly (readonly string[])[], taken: ReadonlySet<string>): number {
  if (first === undefined) return 0
  const free = first.filter((name) => !taken.has(name))
  return Math.max(
    mostSeated(rest, taken),
    ...free.map((name) => 1 + mostSeated(rest, new Set([...taken, name]))),
  )
}
