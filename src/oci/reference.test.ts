import { describe, expect, test } from 'vitest'
import { parseDigest } from './digest.ts'
import { InvalidReferenceError } from './errors.ts'
import { parseReference } from './parse-reference.ts'
import {
  isTag,
  nameOnly,
  withDefaultTag,
  withDigest,
  withoutDigest,
  withoutTag,
  withTag,
} from './reference.ts'

const digest = parseDigest(`sha256:${'a'.repeat(64)}`)

describe('changing a reference', () => {
  test('withTag() and withDigest() keep the other part, as distribution does', () => {
    const both = withDigest(withTag(parseReference('python'), '3.12'), digest)
    expect(both).toStrictEqual(parseReference(`python:3.12@${digest}`))
    expect(withTag(both, '3.13').canonical).toBe(`docker.io/library/python:3.13@${digest}`)
  })

  test('withTag() refuses what is no tag', () => {
    expect(() => withTag(parseReference('python'), '-a')).toThrow(InvalidReferenceError)
  })

  test('withDefaultTag() adds latest only where there is neither tag nor digest', () => {
    expect(withDefaultTag(parseReference('python')).familiar).toBe('python:latest')
    expect(withDefaultTag(parseReference('python:3')).familiar).toBe('python:3')
    expect(withDefaultTag(parseReference(`python@${digest}`)).familiar).toBe(`python@${digest}`)
  })

  test('parts can be taken away', () => {
    const both = parseReference(`ghcr.io/a/b:1@${digest}`)
    expect(withoutTag(both)).toStrictEqual(parseReference(`ghcr.io/a/b@${digest}`))
    expect(withoutDigest(both)).toStrictEqual(parseReference('ghcr.io/a/b:1'))
    expect(nameOnly(both)).toStrictEqual(parseReference('ghcr.io/a/b'))
  })

  test('a name at Docker Hub stays whole where its short form would be another name', () => {
    expect(parseReference('docker.io/example.com/x').familiarName).toBe('docker.io/example.com/x')
    expect(parseReference('docker.io/localhost/x').familiarName).toBe('docker.io/localhost/x')
  })
})

test.each([
  ['latest', true],
  ['_1.2-3', true],
  ['t'.repeat(128), true],
  ['t'.repeat(129), false],
  ['', false],
  ['.x', false],
  ['a/b', false],
  ['a\n', false],
])('isTag(%j) is %s', (text, expected) => {
  expect(isTag(text)).toBe(expected)
})
