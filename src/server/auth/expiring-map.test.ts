import { expect, test } from 'vitest'
import { ExpiringMap } from './expiring-map.ts'

test('a value is forgotten at its time', () => {
  let time = 1000
  const map = new ExpiringMap<string>(10, () => time)
  map.set('a', 'x', 1500)
  time = 1499
  expect(map.get('a')).toBe('x')
  time = 1500
  expect(map.get('a')).toBeUndefined()
  expect(map.size).toBe(0)
})

test('of too many values, the one that was not asked for longest is forgotten', () => {
  const map = new ExpiringMap<number>(3, () => 0)
  for (const [index, key] of ['a', 'b', 'c'].entries()) map.set(key, index, 10)
  map.get('a')
  map.set('d', 3, 10)
  expect(map.size).toBe(3)
  expect(['a', 'b', 'c', 'd'].filter((key) => map.get(key) !== undefined)).toEqual(['a', 'c', 'd'])
})

test('a value that is set again takes no other one away', () => {
  const map = new ExpiringMap<number>(2, () => 0)
  map.set('a', 1, 10)
  map.set('b', 2, 10)
  map.set('a', 3, 10)
  expect([map.get('a'), map.get('b')]).toEqual([3, 2])
})
