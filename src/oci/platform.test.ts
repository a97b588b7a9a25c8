import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidPlatformError } from './errors.ts'
import { parsePlatform } from './parse-platform.ts'
import {
  comparePlatforms,
  formatPlatform,
  hostPlatform,
  normalizePlatform,
  type Platform,
} from './platform.ts'

describe('parsePlatform()', () => {
  test.each([
    ['linux/amd64', 'linux/amd64'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
    ['Linux/X86_64', 'linux/amd64'],
    ['linux/x86-64', 'linux/amd64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm64/8', 'linux/arm64'],
    ['linux/arm64/v9.2', 'linux/arm64/v9.2'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/7', 'linux/arm/v7'],
    ['linux/arm/v6', 'linux/arm/v6'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    ['linux/i386', 'linux/386'],
    ['macos/arm64', 'darwin/arm64'],
    ['arm64', 'linux/arm64'],
    ['amd64', 'linux/amd64'],
    ['riscv64', 'linux/riscv64'],
    ['unheard/of', 'unheard/of'],
    ['windows(10.0.20348.2227)/amd64', 'windows(10.0.20348.2227)/amd64'],
    ['windows(10.0.20348+win32k+a)/amd64', 'windows(10.0.20348+a+win32k)/amd64'],
    ['windows(+win32k)/amd64', 'windows(+win32k)/amd64'],
  ])('reads %s as %s', (text, expected) => {
    expect(formatPlatform(parsePlatform(text))).toBe(expected)
  })

  test.each([
    ['', 'it is empty'],
    ['linux', 'names an operating system and no architecture'],
    ['amd46', '"amd46" is no architecture that is known'],
    ['linux/', 'the architecture is empty'],
    ['/amd64', 'the operating system is empty'],
    ['linux/arm/', 'the variant is empty'],
    ['linux/arm/v7/x', 'more than three parts'],
    ['linux/*', '"*" cannot be the architecture'],
    ['linux()x/amd64', '"linux()x" cannot be the operating system'],
    ['windows(%zz)/amd64', '"%zz" has a "%" that is no escape'],
  ])('refuses %j: %s', (text, problem) => {
    expect(() => parsePlatform(text)).toThrow(InvalidPlatformError)
    expect(() => parsePlatform(text)).toThrow(problem)
  })

  test('gives a platform or an InvalidPlatformError for any text', () => {
    const nearly = fc
      .array(fc.constantFrom('linux', '/', 'arm', 'v7', '(', ')', '+', '%', '10.0', '\u{d800}', ' '))
      .map((parts) => parts.join(''))
    const anything = fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes))
    fc.assert(
      fc.property(fc.oneof(anything, nearly), (text) => {
        const outcome = outcomeOf(text)
        if (outcome instanceof InvalidPlatformError) return
        expect(outcome).toHaveProperty('architecture')
      }),
    )
  })
})

describe('platforms', () => {
  test('normalising twice is normalising once', () => {
    fc.assert(
      fc.property(platforms, (platform) => {
        const once = normalizePlatform(platform)
        expect(normalizePlatform(once)).toEqual(once)
      }),
    )
  })

  test('parsePlatform() reads what formatPlatform() wrote', () => {
    fc.assert(
      fc.property(platforms, (platform) => {
        expect(parsePlatform(formatPlatform(platform))).toEqual(normalizePlatform(platform))
      }),
    )
  })

  test('formatPlatform() shows no control characters and says what is unknown', () => {
    expect(formatPlatform({ os: 'li\u{1b}nux', architecture: 'a/b', variant: '\u{d800}' })).toBe(
      'li%1Bnux/a%2Fb/%EF%BF%BD',
    )
    expect(formatPlatform({ os: '', architecture: '' })).toBe('unknown/unknown')
  })

  test('comparePlatforms() orders all platforms, numbers in them as numbers', () => {
    const texts = [
      'windows(10.0.20348)/amd64',
      'linux/arm/v7',
      'linux/arm/v10',
      'linux/386',
      'windows(10.0.9)/amd64',
      'linux/arm/v6',
      'linux/amd64',
    ]
    expect(texts.map(parsePlatform).toSorted(comparePlatforms).map(formatPlatform)).toEqual([
      'linux/386',
      'linux/amd64',
      'linux/arm/v6',
      'linux/arm/v7',
      'linux/arm/v10',
      'windows(10.0.9)/amd64',
      'windows(10.0.20348)/amd64',
    ])
    fc.assert(
      fc.property(platforms, platforms, platforms, (a, b, c) => {
        expect(Math.sign(comparePlatforms(a, b))).toBe(0 - Math.sign(comparePlatforms(b, a)))
        expect(comparePlatforms(a, a)).toBe(0)
        const ordered = [a, b, c].toSorted(comparePlatforms)
        const pairs = ordered.flatMap((one, index) =>
          ordered.slice(index).map((other) => [one, other] as const),
        )
        expect(pairs.every(([one, other]) => comparePlatforms(one, other) <= 0)).toBe(true)
      }),
    )
  })

  test.each([
    ['linux', 'x64', 'linux/amd64'],
    ['darwin', 'arm64', 'linux/arm64'],
    ['win32', 'x64', 'windows/amd64'],
    ['linux', 'arm', 'linux/arm/v7'],
    ['linux', 'ia32', 'linux/386'],
    ['linux', 'ppc64', 'linux/ppc64le'],
    ['linux', 's390x', 'linux/s390x'],
    ['linux', 'riscv64', 'linux/riscv64'],
    ['freebsd', 'x64', 'freebsd/amd64'],
  ])('hostPlatform(%s, %s) is %s', (os, arch, expected) => {
    expect(formatPlatform(hostPlatform(os, arch))).toBe(expected)
  })
})

const word = fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/)
const platforms: fc.Arbitrary<Platform> = fc.record(
  {
    os: fc.oneof(fc.constantFrom('linux', 'windows', 'macos'), word),
    architecture: fc.oneof(fc.constantFrom('arm', 'arm64', 'x86_64', 'amd64'), word),
    variant: fc.oneof(fc.constantFrom('v1', 'v7', 'v8', '8', 'v10'), word),
    osVersion: fc.stringMatching(/^[0-9.+()%/ ]{1,8}$/),
    osFeatures: fc.array(fc.string({ minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: ['os', 'architecture'] },
)

function outcomeOf(text: string): unknown {
  try {
    return parsePlatform(text)
  } catch (error) {
    return error
  }
}
