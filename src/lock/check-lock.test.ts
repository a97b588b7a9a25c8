import { describe, expect, test } from 'vitest'
import { digestOf, parseReference } from '../oci/index.ts'
import type { Occurrence } from '../references/index.ts'
import { checkLock } from './check-lock.ts'
import type { Lock, LockedImage } from './lock.ts'

const a = digestOf(Buffer.from('a'))
const b = digestOf(Buffer.from('b'))
const python = 'docker.io/library/python:3.12'

describe('checkLock()', () => {
  test('finds nothing where sources and lock agree', () => {
    expect(check(['python:3.12'], { [python]: image() })).toEqual([])
    expect(check([`python:3.12@${a}`], { [python]: image() })).toEqual([])
    expect(check([`python:3.12@${a}`], { [`${python}@${a}`]: image() })).toEqual([])
  })

  test.each<
    [string, readonly (string | Partial<Occurrence>)[], Record<string, Partial<LockedImage>>, string[]]
  >([
    ['what is not locked', ['python:3.12', 'redis'], { [python]: {} }, ['not-locked error compose.yaml:2:8']],
    ['what is used no more', [], { [python]: {} }, ['stale error lading.lock']],
    [
      'another place',
      ['python:3.12'],
      { [python]: { usedBy: ['Dockerfile#FROM:x'] } },
      ['used-elsewhere error lading.lock'],
    ],
    [
      'a digest that is not the locked one',
      [`python:3.12@${b}`],
      { [python]: {} },
      ['digest-differs error compose.yaml:1:8', 'stale error lading.lock'],
    ],
    [
      'a tag with two digests',
      [`python:3.12@${a}`, `python:3.12@${b}`],
      { [python]: { usedBy: ['compose.yaml#services.0.image'] } },
      [
        'digest-differs error compose.yaml:2:8',
        'two-digests warning compose.yaml:1:8',
        'two-digests warning compose.yaml:2:8',
      ],
    ],
    [
      'a platform that is not there',
      [{ platform: 'linux/arm64' }],
      { [python]: { platforms: { 'linux/amd64': a } } },
      ['platform-missing error compose.yaml:1:8'],
    ],
    [
      'a platform that is there',
      [{ platform: 'linux/aarch64' }],
      { [python]: { platforms: { 'linux/arm64': a } } },
      [],
    ],
    [
      'what is not resolved',
      [{ target: { kind: 'unresolved', reason: 'x' } }],
      {},
      ['not-resolved note compose.yaml:1:8'],
    ],
    [
      'what is no image',
      [{ target: { kind: 'unlockable', reason: 'x' } }],
      {},
      ['not-lockable note compose.yaml:1:8'],
    ],
    [
      'a signature of nobody',
      ['python:3.12'],
      { [python]: { signatures: signed(a) } },
      ['signer-unknown error lading.lock'],
    ],
    [
      'a signature of something else',
      ['python:3.12'],
      { [python]: { signatures: signed(b) } },
      ['evidence-differs error lading.lock', 'signer-unknown error lading.lock'],
    ],
  ])('finds %s', (_, written, images, found) => {
    const whole = Object.fromEntries(
      Object.entries(images).map(([key, one]) => [key, { ...image(), ...one }]),
    )
    const findings = check(written, whole).map(
      ({ at, level, rule }) =>
        `${rule} ${level} ${at === undefined ? 'lading.lock' : `${at.file}:${at.line}:${at.column}`}`,
    )
    expect(findings).toEqual(found)
  })

  test('finds what a merge left', () => {
    const lock = { images: { [python]: image() }, signers: {} }
    const read = { lock, unsettled: new Set([python]), isConflicted: true }
    expect(checkLock(occurrences(['python:3.12']), read)).toMatchObject([
      { rule: 'unsettled', image: '' },
      { rule: 'unsettled', image: python },
    ])
  })
})

function check(
  written: readonly (string | Partial<Occurrence>)[],
  images: Lock['images'],
): ReturnType<typeof checkLock> {
  return checkLock(occurrences(written), {
    lock: { images, signers: {} },
    unsettled: new Set(),
    isConflicted: false,
  })
}

function occurrences(written: readonly (string | Partial<Occurrence>)[]): readonly Occurrence[] {
  return written.map((one, index) => {
    const text = typeof one === 'string' ? one : 'python:3.12'
    const range = { start: 0, end: 1, line: index + 1, column: 8 }
    return {
      file: 'compose.yaml',
      place: `services.${index}.image`,
      range,
      text,
      target: { kind: 'image', reference: parseReference(text) },
      origins: [],
      edit: { kind: 'none', reason: '' },
      ...(typeof one === 'string' ? {} : one),
    }
  })
}

function image(): LockedImage {
  return {
    digest: a,
    mediaType: 'x',
    size: 1,
    resolvedAt: '',
    platforms: {},
    usedBy: ['compose.yaml#services.0.image'],
    signatures: { status: 'none-found', searched: [], acceptedBy: 'first-use' },
  }
}

function signed(subject: typeof a): LockedImage['signatures'] {
  return { status: 'verified', searched: [], acceptedBy: 'first-use', evidence: { subject, bundle: a } }
}
