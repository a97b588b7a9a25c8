import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareTags } from './compare-tags.ts'

const tag = fc.oneof(
  fc.stringMatching(/^v?\d{1,2}(\.\d{1,2}){0,2}([-._]?(rc|alpha|a|slim|alpine)\.?\d?)?$/),
  fc.stringMatching(/^\w[\w.-]{0,12}$/),
)

describe('compareTags()', () => {
  test.each([
    ['numbers count as numbers', ['3.8', '3.9', '3.10', '3.10.1', '3.11']],
    ['fewer numbers come first', ['3', '3.0', '3.0.0', '4']],
    ['a leading v is none of the version', ['v1.9', '1.10', 'v1.11']],
    ['pre-releases before their release', ['1.1.9', '1.2.0-alpha.1', '1.2.0-rc1', '1.2.0-rc2', '1.2.0']],
    ['as Python writes them too', ['3.13.9', '3.14.0a2', '3.14.0a10', '3.14.0b1', '3.14.0rc1', '3.14.0']],
    ['variants behind', ['3.12', '3.12-alpine', '3.12-slim', '3.12-slim-bookworm', '3.12.1']],
    ['versions come last', ['edge', 'latest', 'nightly-9', 'nightly-10', '1', '20240101']],
    ['a commit is no version', ['8e1d0c4', 'c0ffee', '8.0']],
    ['attachments come first', [`sha256-${'0'.repeat(64)}`, `sha256-${'0'.repeat(64)}.sig`, 'edge', '1']],
    ['more digits than a number holds', ['9007199254740992', '9007199254740993', '99999999999999999999']],
  ])('%s', (_, ordered) => {
    expect(ordered.toReversed().toSorted(compareTags)).toEqual(ordered)
  })

  test('orders totally', () => {
    fc.assert(
      fc.property(tag, tag, tag, (a, b, c) => {
        expect(Math.sign(compareTags(a, b))).toBe(-Math.sign(compareTags(b, a)))
        expect(compareTags(a, b) === 0).toBe(a === b)
        const sorted = [a, b, c].toSorted(compareTags)
        expect(sorted.every((x, at) => sorted.slice(at).every((y) => compareTags(x, y) <= 0))).toBe(true)
      }),
    )
  })
})
