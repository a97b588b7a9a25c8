import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseReference } from '../../oci/index.ts'
import { InvalidImagePatternError } from '../errors.ts'
import { compareImagePatterns } from './compare-image-patterns.ts'
import { parseImagePattern } from './image-pattern.ts'
import { matchesImage } from './matches-image.ts'

const digest = `sha256:${'a'.repeat(64)}`

describe('parseImagePattern()', () => {
  test.each([
    ['python', 'docker.io/library/python', undefined],
    ['python:3.*', 'docker.io/library/python', '3.*'],
    ['py*', 'docker.io/library/py*', undefined],
    ['bitnami/*', 'docker.io/bitnami/*', undefined],
    ['docker.io/*', 'docker.io/library/*', undefined],
    ['docker.io/**', 'docker.io/**', undefined],
    ['index.docker.io/python', 'docker.io/library/python', undefined],
    ['ghcr.io/astral-sh/**', 'ghcr.io/astral-sh/**', undefined],
    ['GHCR.io/a/b', 'ghcr.io/a/b', undefined],
    ['localhost:5000/app:dev-*', 'localhost:5000/app', 'dev-*'],
    ['[::1]:5000/app', '[::1]:5000/app', undefined],
    ['*.example.com/**', '*.example.com/**', undefined],
    ['**', '**', undefined],
    ['**:v*', '**', 'v*'],
    ['**/app', '**/app', undefined],
  ])('%s means %s', (text, name, tag) => {
    expect(parseImagePattern(text)).toEqual({ text, name, tag })
  })

  test.each([
    ['', 'it is empty'],
    ['*', 'it is not clear whether it begins with a registry'],
    ['*/app', 'it is not clear whether it begins with a registry'],
    ['ghcr.io/Astral-sh/*', 'names of repositories are lower-case'],
    ['ghcr.io**/x', '** in the registry would let its name go on as another one'],
    ['**.ghcr.io/x', '** in the registry would let its name go on as another one'],
    ['ghcr.io/a***', '* and ** are the only wildcards'],
    ['ghcr.io//a', 'a name has no empty component'],
    ['ghcr.io/a/', 'a name has no empty component'],
    ['ghcr.io/', 'a name has no empty component'],
    [
      'ghcr.io/[ab]',
      'a name has lower-case letters, digits, ".", "_", "-" and "/", and * and ** are the only wildcards',
    ],
    [`python@${digest}`, 'rules are for names, and a digest is none'],
    ['python:-1', '"-1" is neither a tag nor a pattern of tags'],
    ['python:', '"" is neither a tag nor a pattern of tags'],
    ['python:a/b', '"python:a" is no name of a registry'],
    ['python:**', '"**" is neither a tag nor a pattern of tags'],
    [`a/${'b'.repeat(600)}`, 'it has more than 512 characters'],
  ])('refuses %j', (text, problem) => {
    expect(() => parseImagePattern(text)).toThrow(
      expect.objectContaining({ constructor: InvalidImagePatternError, problem }),
    )
  })
})

describe('matchesImage()', () => {
  test.each([
    [
      'python',
      ['python', 'docker.io/library/python:3', `python@${digest}`],
      ['python2', 'me/python', 'ghcr.io/library/python'],
    ],
    [
      'index.docker.io/python',
      ['python', 'DOCKER.IO/python', 'Index.Docker.io/library/python', 'INDEX.docker.io/python:3'],
      ['DOCKER.IO/me/python', 'docker.io:443/python'],
    ],
    [
      'ghcr.io/astral-sh/**',
      ['ghcr.io/astral-sh/uv', 'ghcr.io/astral-sh/uv/x:1', 'GHCR.IO/astral-sh/uv'],
      [
        'ghcr.io/astral-sh',
        'ghcr.io/astral-shx/uv',
        'ghcr.io.evil.com/astral-sh/uv',
        'evil.com/ghcr.io/astral-sh/uv',
      ],
    ],
    ['ghcr.io/astral-sh/*', ['ghcr.io/astral-sh/uv'], ['ghcr.io/astral-sh/uv/x']],
    ['ghcr.io/*/uv', ['ghcr.io/a/uv'], ['ghcr.io/a/b/uv', 'ghcr.io/uv']],
    [
      '*.example.com/**',
      ['a.example.com/x'],
      ['a.example.com.evil/x', 'example.com/x', 'evil.com/a.example.com/x'],
    ],
    [
      'registry.internal/dev/**',
      ['registry.internal/dev/a'],
      ['registry.internal/devil/a', 'registry.internal:443/dev/a'],
    ],
    ['**', ['python', 'localhost:5000/a/b@'.concat(digest)], []],
    ['**/app', ['app', 'a.example/x/y/app'], ['a.example/x/app2']],
    ['python:3.*', ['python:3.12'], ['python:3', 'python', `python@${digest}`]],
    ['python:3.*', [`python:3.12@${digest}`], [`python:2.7@${digest}`]],
    ['python:latest', ['python', 'python:latest'], [`python@${digest}`, 'python:latest-1']],
    ['a.b/c.d', ['a.b/c.d'], ['axb.c/c.d', 'a.b/cxd']],
  ])('%s', (pattern, meant, others) => {
    const means = (name: string): boolean => matchesImage(parseImagePattern(pattern), parseReference(name))
    expect(meant.filter((name) => !means(name))).toEqual([])
    expect(others.filter((name) => means(name))).toEqual([])
  })

  test('takes its time in proportion, whatever is asked', () => {
    const pattern = parseImagePattern(`ghcr.io/${'*a'.repeat(200)}b`)
    expect(matchesImage(pattern, parseReference(`ghcr.io/${'a'.repeat(240)}`))).toBe(false)
  })
})

describe('compareImagePatterns()', () => {
  test.each([
    ['ghcr.io/a/b', 'ghcr.io/a/*'],
    ['ghcr.io/a/b', 'ghcr.io/a/b*'],
    ['ghcr.io/a/b*', 'ghcr.io/a/**'],
    ['ghcr.io/a/*', 'ghcr.io/a/**'],
    ['ghcr.io/a/**', 'ghcr.io/**'],
    ['ghcr.io/a/**', '**/a/b'],
    ['ghcr.io/a/*', 'ghcr.io/a/*-*'],
    ['ghcr.io/a/*-dev', 'ghcr.io/a/*'],
    ['python:3.12', 'python:3.*'],
    ['python:3.12-*', 'python:3.*'],
    ['python:*', 'python'],
    ['python', '**:3.12'],
    ['python', 'docker.io/**'],
    ['docker.io/**', '**'],
  ])('%s comes before %s', (first, second) => {
    const [a, b] = [parseImagePattern(first), parseImagePattern(second)]
    expect(compareImagePatterns(a, b)).toBeLessThan(0)
    expect(compareImagePatterns(b, a)).toBeGreaterThan(0)
  })

  test('says 0 of one name written in two ways', () => {
    const [a, b] = [parseImagePattern('python'), parseImagePattern('docker.io/library/python')]
    expect(compareImagePatterns(a, b)).toBe(0)
  })

  const part = fc.string({ unit: fc.constantFrom('a', 'b', '*', '-'), minLength: 1, maxLength: 3 })
  const pattern = fc
    .tuple(
      fc.constantFrom('ghcr.io', 'x.io', '**', '*.io'),
      fc.array(part, { minLength: 1, maxLength: 3 }),
      fc.option(part),
    )
    .map(([domain, parts, tag]) => `${domain}/${parts.join('/')}${tag === null ? '' : `:${tag}`}`)
    .filter((text) => !text.includes('***') && !/:.*\*\*|:-/.test(text))
    .map((text) => parseImagePattern(text))

  test('is an order: the same however the patterns stand, with no tie but of what means the same', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (patterns, noise) => {
        const keys = new Map(patterns.map((one) => [one, noise.next().value]))
        const shuffled = patterns.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0))
        const texts = (sorted: typeof patterns): readonly string[] => sorted.map(({ text }) => text)
        expect(texts(shuffled.toSorted(compareImagePatterns))).toEqual(
          texts(patterns.toSorted(compareImagePatterns)),
        )
      }),
    )
    fc.assert(
      fc.property(pattern, pattern, pattern, (a, b, c) => {
        const [ab, bc, ac] = [
          compareImagePatterns(a, b),
          compareImagePatterns(b, c),
          compareImagePatterns(a, c),
        ]
        expect(Math.sign(compareImagePatterns(b, a))).toBe(ab === 0 ? 0 : -Math.sign(ab))
        expect(ab === 0).toBe(a.name === b.name && a.tag === b.tag)
        expect(ab <= 0 && bc <= 0 && ac > 0).toBe(false)
      }),
    )
  })
})
