import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidReferenceError } from './errors.ts'
import { parseReference } from './parse-reference.ts'

const hex = '1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a'
const sha256 = `sha256:${'f'.repeat(64)}`
const sha512 = `sha512:${'f'.repeat(128)}`

/** The names that distribution/reference's own tests take, with what they are to it. */
const names: readonly (readonly [text: string, domain: string, path: string, familiar: string])[] = [
  ['docker/docker', 'docker.io', 'docker/docker', 'docker/docker'],
  ['library/debian', 'docker.io', 'library/debian', 'debian'],
  ['debian', 'docker.io', 'library/debian', 'debian'],
  ['docker.io/docker/docker', 'docker.io', 'docker/docker', 'docker/docker'],
  ['docker.io/debian', 'docker.io', 'library/debian', 'debian'],
  ['index.docker.io/docker/docker', 'docker.io', 'docker/docker', 'docker/docker'],
  ['index.docker.io/debian', 'docker.io', 'library/debian', 'debian'],
  ['127.0.0.1:5000/docker/docker', '127.0.0.1:5000', 'docker/docker', '127.0.0.1:5000/docker/docker'],
  ['127.0.0.1:5000/debian', '127.0.0.1:5000', 'debian', '127.0.0.1:5000/debian'],
  ['192.168.0.1', 'docker.io', 'library/192.168.0.1', '192.168.0.1'],
  ['192.168.0.1:8/debian', '192.168.0.1:8', 'debian', '192.168.0.1:8/debian'],
  ['[fc00::1]:5000/docker', '[fc00::1]:5000', 'docker', '[fc00::1]:5000/docker'],
  ['[2001:db8::1]/repo', '[2001:db8::1]', 'repo', '[2001:db8::1]/repo'],
  ['[::1]:5000/a/b', '[::1]:5000', 'a/b', '[::1]:5000/a/b'],
  [`docker.io/${hex}`, 'docker.io', `library/${hex}`, `docker.io/library/${hex}`],
  ['Docker/docker', 'Docker', 'docker', 'Docker/docker'],
  ['FOO/bar', 'FOO', 'bar', 'FOO/bar'],
  ['docker---rules/docker', 'docker.io', 'docker---rules/docker', 'docker---rules/docker'],
  ['dock__er/docker', 'docker.io', 'dock__er/docker', 'dock__er/docker'],
  ['d/docker', 'docker.io', 'd/docker', 'd/docker'],
  ['test_com/foo', 'docker.io', 'test_com/foo', 'test_com/foo'],
  ['test-com:8080/foo', 'test-com:8080', 'foo', 'test-com:8080/foo'],
  ['xn--n3h.com:18080/foo', 'xn--n3h.com:18080', 'foo', 'xn--n3h.com:18080/foo'],
  ['docker.io/library/foo/bar', 'docker.io', 'library/foo/bar', 'library/foo/bar'],
  ['store/foo/bar', 'docker.io', 'store/foo/bar', 'store/foo/bar'],
  ['ubuntu-12.04-base', 'docker.io', 'library/ubuntu-12.04-base', 'ubuntu-12.04-base'],
  ['localhost/x', 'localhost', 'x', 'localhost/x'],
  ['localhost', 'docker.io', 'library/localhost', 'localhost'],
  [
    'b.gcr.io/test.example.com/my-app',
    'b.gcr.io',
    'test.example.com/my-app',
    'b.gcr.io/test.example.com/my-app',
  ],
]

describe('parseReference()', () => {
  test.each(names)('%s is the domain %s with the path %s', (text, domain, path, familiarName) => {
    expect(parseReference(text)).toStrictEqual({
      domain,
      path,
      name: `${domain}/${path}`,
      familiarName,
      canonical: `${domain}/${path}`,
      familiar: familiarName,
    })
  })

  test.each([
    ['test.com:5000', 'docker.io/library/test.com', '5000', undefined],
    ['test.com/repo:tag', 'test.com/repo', 'tag', undefined],
    ['test:5000/repo', 'test:5000/repo', undefined, undefined],
    ['test:5000/repo:tag', 'test:5000/repo', 'tag', undefined],
    [`test:5000/repo@${sha256}`, 'test:5000/repo', undefined, sha256],
    [`test:5000/repo:tag@${sha256}`, 'test:5000/repo', 'tag', sha256],
    [`xn--7o8h.com/myimage:xn--7o8h.com@${sha512}`, 'xn--7o8h.com/myimage', 'xn--7o8h.com', sha512],
    ['lowercase:Uppercase', 'docker.io/library/lowercase', 'Uppercase', undefined],
    ['foo_bar.com:8080', 'docker.io/library/foo_bar.com', '8080', undefined],
    ['192.168.1.1:5000/repo:5050', '192.168.1.1:5000/repo', '5050', undefined],
    [`[2001:db8::1]:5000/repo:tag@${sha256}`, '[2001:db8::1]:5000/repo', 'tag', sha256],
    [`python:_${'t'.repeat(127)}`, 'docker.io/library/python', `_${'t'.repeat(127)}`, undefined],
    [
      `${'a/'.repeat(127)}a:tag-puts-this-over-max`,
      `docker.io/${'a/'.repeat(127)}a`,
      'tag-puts-this-over-max',
      undefined,
    ],
  ])('%s names %s with tag %s and digest %s', (text, name, tag, digest) => {
    const reference = parseReference(text)
    expect(reference).toMatchObject({ name })
    expect(reference.tag).toBe(tag)
    expect(reference.digest).toBe(digest)
    const suffix = (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`)
    expect(reference.canonical).toBe(name + suffix)
  })

  test.each([
    ['', 'it is empty'],
    [hex, '64 hex digits are an identifier'],
    [sha256, 'a digest alone does not say where the image is'],
    ['UPPER', 'repository name must be lowercase: "UPPER"', 'Did you mean upper?'],
    [
      'docker/Docker:Tag',
      'repository name must be lowercase: "docker/Docker"',
      'Did you mean docker/docker:Tag?',
    ],
    [
      'test:5000/Uppercase/lowercase:tag',
      'must be lowercase',
      'Did you mean test:5000/uppercase/lowercase:tag?',
    ],
    [
      'https://github.com/docker/docker',
      'does not start with "https://"',
      'Did you mean github.com/docker/docker?',
    ],
    ['docker://python', 'does not start with "docker://"', 'Did you mean python?'],
    [' python ', 'no blanks', 'Did you mean python?'],
    ['-docker', 'must start and end with a letter or digit'],
    ['docker-/docker', '"docker-" in the repository name "docker-/docker" must start and end'],
    ['-docker.io/docker/docker', 'the domain "-docker.io" must start and end'],
    ['docker///docker', 'an empty part beside a "/"'],
    ['docker/', 'an empty part beside a "/"'],
    ['ghcr.io/', 'there is no repository name'],
    ['docker.io/', 'there is no repository name'],
    ['/python', 'empty part'],
    [':justtag', 'there is no repository name'],
    [`@${sha256}`, 'there is no repository name'],
    ['[fc00::1]', 'IPv6 address, after which "/" and a repository must follow'],
    ['[fc00::1]:5000', 'IPv6 address, after which'],
    ['fc00::1:5000/debian', 'an IPv6 address without brackets'],
    ['[fe80::1%eth0]:5000/debian', 'holds an IPv6 zone'],
    ['[2001:db8:3:4::192.0.2.33]:5000/debian', 'is not an IPv6 address in brackets'],
    ['host.example:port/x', 'the port "port" of the domain is not a number'],
    [':5000/x', 'no host name before its port'],
    ['my_host.example/x', 'holds "_", which host names do not'],
    ['____/____', 'must start and end with a letter or digit'],
    ['dock_.er/docker', 'holds "_"'],
    ['a/dock_.er', 'separators side by side'],
    ['a/dock..er', 'separators side by side'],
    ['aa/asdf$$^/aa', 'must not hold "$"'],
    ['péché', 'must not hold "é"'],
    ['python:', 'the tag after ":" is empty'],
    ['python:-a', 'a tag must not start with "-"'],
    ['python:a:b', 'a tag must not hold ":"'],
    [`python:${'t'.repeat(129)}`, 'a tag has at most 128 characters, here are 129'],
    [`${'a/'.repeat(128)}a:tag`, 'at most 255 characters, here are 257'],
    [
      'repo@sha256:ffffffffffffffffffffffffffffffffff',
      'the digest after "@" is not one: sha256 has 64 hex digits',
    ],
    [`validname@invaliddigest:${'f'.repeat(128)}`, 'the algorithm "invaliddigest" is not sha256'],
    [`python@${sha256}@${sha256}`, 'the digest after "@" is not one'],
  ])('refuses %j: %s', (text, problem, hint?: string) => {
    const refusal = outcomeOf(text)
    expect(refusal).toBeInstanceOf(InvalidReferenceError)
    expect(refusal).toHaveProperty('message', expect.stringContaining(problem))
    const given = refusal instanceof InvalidReferenceError ? (refusal.hint ?? '') : ''
    expect(given.startsWith('Did you mean') ? given : undefined).toBe(hint)
  })

  test('reads what it wrote, canonical and familiar, as the same reference', () => {
    fc.assert(
      fc.property(referenceText, (text) => {
        const reference = parseReference(text)
        expect(parseReference(reference.canonical)).toStrictEqual(reference)
        expect(parseReference(reference.familiar)).toStrictEqual(reference)
        expect(parseReference(reference.name).familiarName).toBe(reference.familiarName)
      }),
    )
  })

  test('gives a reference or an InvalidReferenceError for any text', () => {
    const nearly = fc
      .array(
        fc.constantFrom(
          'a',
          'B',
          '.',
          ':',
          '/',
          '@',
          '-',
          '_',
          '[',
          ']',
          'sha256:',
          'localhost',
          'docker.io',
          '://',
          ' ',
          hex,
        ),
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(anyText, nearly), (text) => {
        const outcome = outcomeOf(text)
        if (outcome instanceof InvalidReferenceError) return
        expect(outcome).toHaveProperty('path')
      }),
      { numRuns: 1000 },
    )
  })

  test('refuses long hostile texts without deep recursion', () => {
    expect(() => parseReference('a://'.repeat(100_000))).toThrow(InvalidReferenceError)
    expect(() => parseReference(`x.${'a-'.repeat(100_000)}/b`)).toThrow(InvalidReferenceError)
    expect(() => parseReference('a b'.repeat(100_000))).toThrow(InvalidReferenceError)
    expect(() => parseReference('a-'.repeat(100_000))).toThrow(InvalidReferenceError)
  })
})

/** Any UTF-16 code units, lone surrogates and control characters too. */
const anyText = fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes))

const component = fc.stringMatching(/^[a-z0-9]{1,6}(?:(?:[._]|__|-{1,3})[a-z0-9]{1,4}){0,2}$/)
const domain = fc.oneof(
  fc.constantFrom('docker.io', 'index.docker.io', 'localhost', '[::1]:5000', 'Upper'),
  fc.stringMatching(/^[a-z]{1,5}\.[a-z]{2}(?::[0-9]{2,4})?$/),
)
const referenceText = fc
  .record({
    domain: fc.option(domain),
    path: fc.array(component, { minLength: 1, maxLength: 4 }),
    tag: fc.option(fc.stringMatching(/^\w[\w.-]{0,20}$/)),
    digest: fc.option(fc.constantFrom(sha256, sha512)),
  })
  .map(({ domain: host, path, tag, digest }) =>
    [
      host === null ? path.join('/').replaceAll('.', '-') : `${host}/${path.join('/')}`,
      tag === null ? '' : `:${tag}`,
      digest === null ? '' : `@${digest}`,
    ].join(''),
  )
  .filter((text) => !/^[a-f0-9]{64}$/.test(text))

function outcomeOf(text: string): unknown {
  try {
    return parseReference(text)
  } catch (error) {
    return error
  }
}
