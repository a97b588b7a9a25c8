import { describe, expect, test } from 'vitest'
import type { Descriptor } from './descriptor.ts'
import { digestOf } from './digest.ts'
import { PlatformNotFoundError } from './errors.ts'
import { mediaTypes } from './media-types.ts'
import { parsePlatform } from './parse-platform.ts'
import { formatPlatform } from './platform.ts'
import { selectPlatform } from './select-platform.ts'

const digest = digestOf(new Uint8Array())

describe('selectPlatform()', () => {
  test.each([
    ['linux/amd64', ['linux/arm64', 'linux/amd64'], 'linux/amd64'],
    ['linux/amd64/v3', ['linux/amd64', 'linux/amd64/v2', 'linux/amd64/v4'], 'linux/amd64/v2'],
    ['linux/amd64/v3', ['linux/amd64', 'linux/amd64/v3'], 'linux/amd64/v3'],
    ['linux/amd64', ['linux/amd64/v2'], undefined],
    ['linux/amd64', ['linux/386'], 'linux/386'],
    ['linux/amd64', ['linux/386', 'linux/amd64'], 'linux/amd64'],
    ['linux/386', ['linux/amd64'], undefined],
    ['linux/arm/v8', ['linux/arm/v5', 'linux/arm/v6', 'linux/arm/v7'], 'linux/arm/v7'],
    ['linux/arm/v7', ['linux/arm/v8', 'linux/arm/v6', 'linux/arm/v5'], 'linux/arm/v6'],
    ['linux/arm/v6', ['linux/arm/v7'], undefined],
    ['linux/arm/v7', ['linux/arm/v4'], undefined],
    ['linux/arm64', ['linux/arm/v7', 'linux/arm64'], 'linux/arm64'],
    ['linux/arm64', ['linux/arm/v6', 'linux/arm/v7', 'linux/amd64'], 'linux/arm/v7'],
    ['linux/arm64', ['linux/arm64/v9'], undefined],
    ['linux/arm64/v8.2', ['linux/arm64', 'linux/arm64/v8.1', 'linux/arm64/v8.3'], 'linux/arm64/v8.1'],
    ['linux/arm64/v9.1', ['linux/arm64', 'linux/arm64/v9', 'linux/arm64/v8.6'], 'linux/arm64/v9'],
    ['linux/arm64/v9.1', ['linux/arm64', 'linux/arm64/v8.6', 'linux/arm64/v8.7'], 'linux/arm64/v8.6'],
    ['linux/riscv64', ['linux/riscv64', 'linux/amd64'], 'linux/riscv64'],
    ['linux/amd64', ['windows/amd64', 'freebsd/amd64'], undefined],
    ['linux/amd64', [], undefined],
    [
      'windows/amd64',
      ['windows(10.0.17763.1)/amd64', 'windows(10.0.20348.1)/amd64'],
      'windows(10.0.17763.1)/amd64',
    ],
    [
      'windows(10.0.17763.9)/amd64',
      ['windows(10.0.20348.1)/amd64', 'windows(10.0.17763.1)/amd64'],
      'windows(10.0.17763.1)/amd64',
    ],
    ['windows(10.0.17763)/amd64', ['windows(10.0.14393)/amd64'], undefined],
    [
      'windows(10.0.26100)/amd64',
      ['windows(10.0.20348)/amd64', 'windows(10.0.25398)/amd64', 'windows(10.0.17763)/amd64'],
      'windows(10.0.25398)/amd64',
    ],
    ['windows(10.0.20348)/amd64', ['windows(10.0.26100)/amd64'], undefined],
    ['windows(10.0.20348)/amd64', ['windows(nonsense)/amd64'], undefined],
    ['windows/amd64', ['windows(+win32k)/amd64'], undefined],
    ['windows(+win32k)/amd64', ['windows(+win32k)/amd64'], 'windows(+win32k)/amd64'],
  ])('for %s chooses from %j: %s', (wanted, offered, expected) => {
    const selected = selectPlatform(offered.map(entryFor), parsePlatform(wanted))
    expect(selected?.platform && formatPlatform(selected.platform)).toBe(expected)
  })

  test('takes odd writings of the same platform, and the first of equals', () => {
    const entries: Descriptor[] = [
      { ...entryFor('linux/arm64'), platform: { os: 'Linux', architecture: 'aarch64', variant: 'v8' } },
      entryFor('linux/arm64'),
    ]
    expect(selectPlatform(entries, parsePlatform('linux/arm64'))).toBe(entries[0])
  })

  test('exact takes nothing older that would run too', () => {
    const entries = ['linux/386', 'linux/amd64', 'linux/arm/v6'].map(entryFor)
    expect(selectPlatform(entries, parsePlatform('linux/amd64/v3'), { exact: true })).toBeUndefined()
    expect(selectPlatform(entries, parsePlatform('linux/arm/v7'), { exact: true })).toBeUndefined()
    expect(selectPlatform(entries, parsePlatform('linux/amd64'), { exact: true })).toBe(entries[1])
  })

  test('selects neither attestations nor entries without a platform', () => {
    const attestation = {
      ...entryFor('linux/amd64'),
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    }
    const unknown = entryFor('unknown/unknown')
    const bare: Descriptor = { mediaType: mediaTypes.ociManifest, digest, size: 1 }
    expect(selectPlatform([attestation, unknown, bare], parsePlatform('linux/amd64'))).toBeUndefined()
    expect(selectPlatform([unknown], { os: 'unknown', architecture: 'unknown' })).toBeUndefined()
  })
})

test('PlatformNotFoundError lists each platform that there is once', () => {
  const error = new PlatformNotFoundError('python:3.12', 'linux/s390x', [
    'linux/amd64',
    'linux/arm64',
    'linux/amd64',
  ])
  expect(error.message).toBe('Cannot choose from python:3.12: it has no image for linux/s390x')
  expect(error.hint).toBe('It has linux/amd64, linux/arm64.')
})

function entryFor(platform: string): Descriptor {
  return { mediaType: mediaTypes.ociManifest, digest, size: 1, platform: parsePlatform(platform) }
}
