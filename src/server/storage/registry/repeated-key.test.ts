import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { repeatedKey } from './repeated-key.ts'

describe('repeatedKey()', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"x":{"b":[{"c":1},{"d":1,"e":2,"d":3}]}}', 'd'],
    [String.raw`{"a":1,"\u0061":2}`, 'a'],
    ['{ "a" : 1 ,\n "a" : 1 }', 'a'],
    ['[{"":0,"":0}]', ''],
    [String.raw`{"\\":1,"\\":2}`, '\\'],
    [String.raw`{"a\"":"x\\","b":1,"a\"":2}`, 'a"'],
  ])('finds the key that stands twice in one object: %s', (text, key) => {
    expect(repeatedKey(text)).toBe(key)
  })

  it.each([
    '{}',
    '[]',
    '"a"',
    '{"a":"a"}',
    '{"a":["a","a"],"b":"a"}',
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":1}]',
    String.raw`{"a":"\"a\":1,\"a\":2"}`,
    '{"__proto__":1,"constructor":2}',
  ])('finds nothing where no object has a key twice: %s', (text) => {
    expect(repeatedKey(text)).toBeUndefined()
  })

  it('finds nothing in what JSON.stringify writes, and always what is put in twice', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (value) => {
        const text = JSON.stringify(value)
        expect(repeatedKey(text)).toBeUndefined()
        const [key = ''] = Object.keys(value)
        expect(repeatedKey(`${text.slice(0, -1)},${JSON.stringify(key)}:0}`)).toBe(key)
      }),
    )
  })

  it('reads a document that is nested as deep as its size allows', () => {
    const depth = 1_000_000
    expect(repeatedKey('['.repeat(depth) + ']'.repeat(depth))).toBeUndefined()
  })
})
