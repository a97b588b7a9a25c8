import { describe, expect, test } from 'vitest'
import { parseConfig } from './parse-config.ts'

describe('parseConfig()', () => {
  test('reads what a user may say', () => {
    const text =
      'registries:\n  registry.example:5000:\n    plainHttp: true\n    mirrors: [m.example]\ndefaults:\n  requestsPerHost: 4\n'
    expect(parseConfig(text, 'c.yaml')).toEqual({
      registries: { 'registry.example:5000': { plainHttp: true, mirrors: ['m.example'] } },
      defaults: { requestsPerHost: 4 },
    })
  })

  test('takes an empty file', () => {
    expect(parseConfig('# nothing yet\n', 'c.yaml')).toEqual({})
  })

  test.each([
    [
      'registries:\n  a.example:\n    plainHtpp: true\n',
      /c\.yaml: line 3: registries\.a\.example\.plainHtpp: there is no such key/,
    ],
    [
      'defaults:\n  color: auto\n  requestsPerHost: many\n',
      /line 3: defaults\.requestsPerHost: expected number/,
    ],
    ['defaults: [\n', /line \d+: /],
    ['a: &a [1]\nregistries: {}\n', /line 1: a: there is no such key/],
    ['[]\n', /line 1: the document: expected keys with their values, found a list/],
    ['defaults:\n  color: *x\n', /line 2: \*x is an alias/],
    ['a: &a [1]\nb: [*a, *a]\n', /line 2: \*a is an alias/],
  ])('refuses %j with the line', (text, message) => {
    expect(() => parseConfig(text, 'c.yaml')).toThrow(message)
  })
})
