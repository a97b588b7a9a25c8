import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf } from '../oci/index.ts'
import type { Lock, LockedImage, RememberedSigner } from './lock.ts'
import { LockFileError } from './lock-file-error.ts'
import { maxLockBytes, parseLock } from './parse-lock.ts'
import { serializeLock } from './serialize-lock.ts'

const a = digestOf(Buffer.from('a'))
const b = digestOf(Buffer.from('b'))
const python = 'docker.io/library/python:3.12'

describe('serializeLock()', () => {
  test('writes what a person can review', () => {
    expect(serializeLock(example()))
      .toBe(`# The images that this project stands on, by digest, and who published them.
# Written by \`lading lock\`: to be reviewed and committed, not edited.
version: 1
images:
  docker.io/library/python:3.12:
    digest: ${a}
    mediaType: application/vnd.oci.image.index.v1+json
    size: 1234
    resolvedAt: "2026-01-02T03:04:05Z"
    platforms:
      linux/amd64: ${a}
      linux/arm64: ${b}
    usedBy:
      - Dockerfile#FROM:builder
      - compose.yaml#services.app.image
    signatures:
      status: none-found
      searched: [registry]
      acceptedBy: first-use
  ghcr.io/astral-sh/uv:0.9:
    digest: ${b}
    mediaType: application/vnd.oci.image.index.v1+json
    size: 1234
    resolvedAt: "2026-01-02T03:04:05Z"
    platforms: {}
    usedBy: []
    signatures:
      status: verified
      searched: [github, registry]
      acceptedBy:
        rule: ghcr.io/astral-sh/**
      evidence:
        subject: ${b}
        predicateType: https://slsa.dev/provenance/v1
        sourceRef: refs/tags/0.9.0
        bundle: ${a}
signers:
  ghcr.io/astral-sh/uv:
    - issuer: https://token.actions.githubusercontent.com
      identity: https://github.com/astral-sh/uv/.github/workflows/build.yml
      sourceRepositoryOwner: https://github.com/astral-sh
      sourceRepository: https://github.com/astral-sh/uv
      sourceRepositoryId: "699532645"
    - key: ${a}
`)
  })

  test('gives the same bytes whatever the order that facts come in', () => {
    const { images, signers } = example()
    const other: Lock = {
      images: Object.fromEntries(
        Object.entries(images)
          .toReversed()
          .map(([key, image]) => [key, turned(image)]),
      ),
      signers: Object.fromEntries(
        Object.entries(signers).map(([repository, all]) => [repository, all.toReversed()]),
      ),
    }
    expect(serializeLock(other)).toBe(serializeLock(example()))
  })

  test('is read back as it was, whatever texts it holds', () => {
    const text = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 40 })
      .filter((one) => one.isWellFormed())
    const awkward = fc.constantFrom(
      'yes',
      '1',
      '1e3',
      '0x10',
      '12:30',
      'a: b',
      'a #b',
      '- a',
      'null',
      '~',
      '"',
      '\n',
      'é',
      '\u2028',
      '*a',
      '%',
      '{}',
    )
    const anyText = fc.oneof(text, awkward)
    fc.assert(
      fc.property(
        fc.array(anyText, { minLength: 1, maxLength: 4 }),
        anyText,
        anyText,
        (places, rule, identity) => {
          const lock: Lock = {
            images: {
              [python]: {
                ...imageOf(a),
                usedBy: [...new Set(places)].toSorted(),
                signatures: { status: 'none-found', searched: [], acceptedBy: { rule } },
              },
            },
            signers: { 'docker.io/library/python': [{ issuer: identity, identity, workflow: rule }] },
          }
          const written = serializeLock(lock)
          expect(read(written).lock).toEqual(lock)
          expect(serializeLock(read(written).lock)).toBe(written)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('parseLock()', () => {
  test('reads what was written', () => {
    expect(serializeLock(read(serializeLock(example())).lock)).toBe(serializeLock(example()))
  })

  test('reads what git checked out with CRLF', () => {
    const crlf = serializeLock(example()).replaceAll('\n', '\r\n')
    expect(serializeLock(read(crlf).lock)).toBe(serializeLock(example()))
  })

  test.each([
    [
      'another version',
      'version: 1\n',
      'version: 2\n',
      ':3:10: version 2 is not known here: a newer lading wrote it',
    ],
    ['no version', 'version: 1\n', '', 'version: it is missing'],
    [
      'an unknown key',
      '    size: 1234\n',
      '    size: 1234\n    colour: red\n',
      ':9:13: images › docker.io/library/python:3.12 › colour: there is no such key',
    ],
    [
      'a missing field',
      '    size: 1234\n',
      '',
      ':6:5: images › docker.io/library/python:3.12 › size: it is missing',
    ],
    [
      'a digest that is none',
      `digest: ${a}`,
      'digest: sha256:abc',
      ':6:13: images › docker.io/library/python:3.12 › digest: expected a digest',
    ],
    [
      'a key that is there twice',
      'ghcr.io/astral-sh/uv:0.9:',
      'docker.io/library/python:3.12:',
      'Map keys must be unique',
    ],
    [
      'a short name',
      'docker.io/library/python:3.12:',
      'python:3.12:',
      ':6:5: images › python:3.12: an image is named in full',
    ],
    [
      'a name without a tag',
      'docker.io/library/python:3.12:',
      'docker.io/library/python:',
      'an image is named in full',
    ],
    [
      'a name that is none',
      'docker.io/library/python:3.12:',
      'docker.io/library/Python:3.12:',
      'must be lowercase',
    ],
    [
      'a name with another digest',
      'docker.io/library/python:3.12:',
      `docker.io/library/python:3.12@${b}:`,
      'it is not the digest in the name',
    ],
    [
      'a platform that is none',
      'linux/arm64:',
      'linux/aarch64:',
      ':12:22: images › docker.io/library/python:3.12 › platforms › linux/aarch64: it is not a platform',
    ],
    ['a status that is none', 'status: none-found', 'status: fine', 'signatures › status'],
    ['evidence of nothing', 'status: none-found', 'status: verified', 'evidence: it is missing'],
    ['an anchor', 'usedBy:\n', 'usedBy: &a\n', 'is an anchor'],
    ['an alias', 'usedBy: []', 'usedBy: *a', 'alias'],
    ['a tag', 'status: none-found', 'status: !!str none-found', 'is a tag'],
    ['a key with a meaning', 'linux/amd64:', '__proto__:', 'there is no such key as __proto__'],
    ['a key that is a number', 'linux/amd64:', '12:', 'a key has to be a text'],
    ['a tab', '    size: 1234', '\tsize: 1234', ':8:'],
    ['an open quote', 'rule: ghcr.io', 'rule: "ghcr.io', 'Missing closing "quote'],
    ['a size that is none', 'size: 1234', 'size: -1', 'size'],
    ['a list', 'platforms: {}', 'platforms: []', 'expected keys with their values, found a list'],
    ['markers without counterparts', 'images:\n', '<<<<<<< ours\nimages:\n', ':4:1: conflict markers'],
  ])('refuses %s, with its place', (_, from, to, problem) => {
    const written = serializeLock(example())
    expect(written).toContain(from)
    const changed = written.replace(from, to)
    expect(() => read(changed)).toThrow(LockFileError)
    expect(() => read(changed)).toThrow(problem)
  })

  test.each([
    ['nothing', ''],
    ['a list', '- version: 1\n'],
    ['several documents', 'version: 1\nimages: {}\n---\nversion: 1\nimages: {}\n'],
    ['deep nesting', `version: 1\nimages: ${'['.repeat(100_000)}`],
    ['bytes that are no UTF-8', Buffer.from([0x76, 0xff])],
    ['more than is read', Buffer.alloc(maxLockBytes + 1, '#')],
  ])('refuses %s', (_, content) => {
    expect(() => parseLock(Buffer.from(content), 'lading.lock')).toThrow(LockFileError)
  })

  test.each([
    [
      '60,000 keys',
      Array.from({ length: 60_000 }, (_, index) => `  k${index}: 1`).join('\n'),
      'expected Object',
    ],
    ['brackets in brackets', `  ${'['.repeat(20_000)}`, 'it is nested too deep'],
  ])('refuses %s', (_, images, problem) => {
    expect(() => parseLock(Buffer.from(`version: 1\nimages:\n${images}\n`), 'lading.lock')).toThrow(problem)
  })

  test('throws nothing else, whatever a file is changed to', () => {
    const written = serializeLock(example())
    fc.assert(
      fc.property(fc.nat(written.length - 1), fc.nat(5), fc.string({ maxLength: 3 }), (at, cut, by) => {
        const changed = written.slice(0, at) + by + written.slice(at + cut)
        expect(failureOf(changed)).toSatisfy((error) => error === undefined || error instanceof LockFileError)
      }),
      { numRuns: 300 },
    )
  })
})

describe('parseLock() after a merge', () => {
  test('reads both sides, and says what they disagree about', () => {
    const { lock, unsettled, isConflicted } = read(conflict(a, b))
    expect({ digest: lock.images[python]?.digest, unsettled: [...unsettled], isConflicted }).toEqual({
      digest: a,
      unsettled: [python],
      isConflicted: true,
    })
  })

  test('takes no notice of the common ancestor', () => {
    expect([...read(conflict(a, b, 'nothing like a digest')).unsettled]).toEqual([python])
  })

  test('holds an image to the signature that one side verified', () => {
    const verified = example().images['ghcr.io/astral-sh/uv:0.9']
    const ours = serializeLock({ images: { [python]: imageOf(a) }, signers: {} })
    const theirs = serializeLock({ images: { [python]: verified ?? imageOf(a) }, signers: example().signers })
    const { lock, unsettled } = read(`<<<<<<< a\n${ours}=======\n${theirs}>>>>>>> b\n`)
    expect(lock.images[python]?.signatures.status).toBe('verified')
    expect([...unsettled]).toEqual([python])
    expect(Object.keys(lock.signers)).toEqual(['ghcr.io/astral-sh/uv'])
  })

  test('counts the lines of the file in errors', () => {
    expect(() => read(conflict(a, 'sha256:abc'))).toThrow('lading.lock:9:13:')
  })
})

function turned(image: LockedImage): LockedImage {
  return {
    ...image,
    usedBy: image.usedBy.toReversed(),
    platforms: Object.fromEntries(Object.entries(image.platforms).toReversed()),
  }
}

function conflict(ours: string, theirs: string, ancestor?: string): string {
  return serializeLock({ images: { [python]: imageOf(a) }, signers: {} }).replace(
    `    digest: ${a}\n`,
    [
      '<<<<<<< HEAD',
      `    digest: ${ours}`,
      ...(ancestor === undefined ? [] : ['||||||| base', `    digest: ${ancestor}`]),
      '=======',
      `    digest: ${theirs}`,
      '>>>>>>> branch',
      '',
    ].join('\n'),
  )
}

function failureOf(text: string): unknown {
  try {
    read(text)
    return undefined
  } catch (error) {
    return error
  }
}

function read(text: string): ReturnType<typeof parseLock> {
  return parseLock(Buffer.from(text), 'lading.lock')
}

function imageOf(digest: typeof a): LockedImage {
  return {
    digest,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    size: 1234,
    resolvedAt: '2026-01-02T03:04:05Z',
    platforms: {},
    usedBy: [],
    signatures: { status: 'none-found', searched: ['registry'], acceptedBy: 'first-use' },
  }
}

function example(): Lock {
  const github: RememberedSigner = {
    issuer: 'https://token.actions.githubusercontent.com',
    identity: 'https://github.com/astral-sh/uv/.github/workflows/build.yml',
    sourceRepositoryOwner: 'https://github.com/astral-sh',
    sourceRepository: 'https://github.com/astral-sh/uv',
    sourceRepositoryId: '699532645',
  }
  return {
    images: {
      'ghcr.io/astral-sh/uv:0.9': {
        ...imageOf(b),
        signatures: {
          status: 'verified',
          searched: ['registry', 'github'],
          acceptedBy: { rule: 'ghcr.io/astral-sh/**' },
          evidence: {
            subject: b,
            predicateType: 'https://slsa.dev/provenance/v1',
            sourceRef: 'refs/tags/0.9.0',
            bundle: a,
          },
        },
      },
      [python]: {
        ...imageOf(a),
        platforms: { 'linux/arm64': b, 'linux/amd64': a },
        usedBy: ['compose.yaml#services.app.image', 'Dockerfile#FROM:builder'],
      },
    },
    signers: { 'ghcr.io/astral-sh/uv': [{ key: a }, github] },
  }
}
