import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf, isTag, parseReference } from '../../oci/index.ts'
import type { Lock } from '../lock.ts'
import { mirroredReference } from './mirrored-reference.ts'
import { parseMirror } from './parse-mirror.ts'
import { planMirror } from './plan-mirror.ts'

const one = digestOf(Buffer.from('1'))
const long = digestOf(Buffer.from('1'), 'sha512')
const two = digestOf(Buffer.from('2'))

describe('parseMirror()', () => {
  test.each([
    ['registry.example', 'registry.example'],
    ['localhost:5000', 'localhost:5000'],
    ['localhost', 'localhost'],
    ['registry.example/a/b', 'registry.example/a/b'],
    ['[::1]:5000/a', '[::1]:5000/a'],
    ['registry.example/a/', 'registry.example/a'],
  ])('reads %s', (text, name) => {
    expect(parseMirror(text)).toEqual({ name })
  })

  test.each([
    '',
    'mirror',
    'me/mirror',
    '/',
    'registry.example//',
    'registry.example/Mirror',
    'registry.example/a:1',
    `registry.example/a@${one}`,
    'https://registry.example',
    'docker.io/me',
  ])('refuses %j', (text) => {
    expect(() => parseMirror(text)).toThrow(/^Cannot take ".*" for a mirror: /)
  })
})

describe('mirroredReference()', () => {
  test.each([
    ['python:3.12', 'registry.example/m/docker.io/library/python:3.12'],
    [`ghcr.io/me/app:1@${one}`, `registry.example/m/ghcr.io/me/app:1@${one}`],
    ['localhost:5000/app', 'registry.example/m/localhost_5000/app'],
    ['[::1]:5000/app:1', 'registry.example/m/ipv6_0-0-0-0-0-0-0-1_5000/app:1'],
    ['[2001:0db8::1:0]/app', 'registry.example/m/ipv6_2001-db8-0-0-0-0-1-0/app'],
    ['Registry.Local/app', 'registry.example/m/registry.local/app'],
    ['registry.example/m/quay.io/app:1', 'registry.example/m/quay.io/app:1'],
    ['registry.example/mine/app:1', 'registry.example/m/registry.example/mine/app:1'],
  ])('%s is %s', (name, mirrored) => {
    expect(mirroredReference(parseMirror('registry.example/m'), parseReference(name)).canonical).toBe(
      mirrored,
    )
  })

  test('keeps different names different', () => {
    const host = fc.oneof(
      fc.constantFrom(
        'a.b',
        'a-b.c',
        'localhost',
        'localhost:1',
        'a.b:1',
        'a.b:11',
        '[::1]',
        '[::1]:1',
        '[1::]',
      ),
      fc.domain().map((name) => name.toLowerCase()),
    )
    const name = fc
      .tuple(host, fc.constantFrom('a', 'a/b', '1/a', 'ipv6_1', 'a_1/b', 'library/a'))
      .map(([domain, path]) => `${domain}/${path}`)
    const mirror = parseMirror('m.example')
    fc.assert(
      fc.property(name, name, (left, right) => {
        const names = [left, right].map((text) => mirroredReference(mirror, parseReference(text)).name)
        expect(names[0] === names[1]).toBe(parseReference(left).name === parseReference(right).name)
      }),
    )
  })
})

describe('planMirror()', () => {
  test('gives a tag the digest that the lock has of it', () => {
    expect(
      tagsOf({ 'docker.io/library/python:3.12': one, [`docker.io/library/redis:7@${two}`]: two }),
    ).toEqual(['3.12', '7'])
  })

  test('leaves a tag alone of which sources pin several digests, and tags them by digest', () => {
    expect(tagsOf({ [`quay.io/a:1@${one}`]: one, [`quay.io/a:1@${two}`]: two })).toEqual([
      tagged(one),
      tagged(two),
    ])
    expect(tagsOf({ 'quay.io/a:1': one, [`quay.io/a:1@${two}`]: two })).toEqual(['1', tagged(two)])
    expect(tagsOf({ [`quay.io/a@${one}`]: one })).toEqual([tagged(one)])
  })

  test('makes a tag from a digest of any length', () => {
    const [tag = ''] = tagsOf({ [`quay.io/a@${long}`]: long })
    expect(isTag(tag)).toBe(true)
  })

  test('says what the lock has from the mirror already', () => {
    const [image] = planMirror(lockOf({ 'm.example/p/quay.io/a:1': one }), parseMirror('m.example/p'))
    expect(image).toMatchObject({ isThere: true, to: { name: 'm.example/p/quay.io/a' } })
  })
})

function tagged(digest: string): string {
  return `lading-${digest.replace(':', '-')}`
}

function tagsOf(images: Readonly<Record<string, typeof one>>): readonly (string | undefined)[] {
  return planMirror(lockOf(images), parseMirror('m.example/p')).map(({ tag }) => tag)
}

function lockOf(digests: Readonly<Record<string, typeof one>>): Lock {
  const rest = {
    mediaType: 'application/vnd.oci.image.index.v1+json',
    size: 1,
    resolvedAt: '',
    platforms: {},
    usedBy: [],
    signatures: { status: 'none-found', searched: [], acceptedBy: 'first-use' },
  } as const
  const images = Object.entries(digests).map(([key, digest]) => [key, { digest, ...rest }] as const)
  return { images: Object.fromEntries(images), signers: {} }
}
