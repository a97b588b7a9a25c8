import { describe, expect, test } from 'vitest'
import { isGlob, pathGlob } from './path-glob.ts'

describe('pathGlob()', () => {
  test.each([
    ['*.pem', 'etc/ssl/a.pem', true],
    ['*.pem', 'a.pem', true],
    ['*.pem', 'etc/a.pem/b', false],
    ['/*.pem', 'etc/a.pem', false],
    ['/*.pem', 'a.pem', true],
    ['/etc/*', 'etc/passwd', true],
    ['/etc/*', 'etc/ssl/x', false],
    ['/etc/**', 'etc/ssl/x', true],
    ['/usr/**/*.so', 'usr/x.so', true],
    ['/usr/**/*.so', 'usr/lib/y/x.so', true],
    ['/usr/**/*.so', 'usr/lib/y/x.so.1', false],
    ['usr/lib*/x', 'usr/lib64/x', true],
    ['/bin/?s', 'bin/ls', true],
    ['/bin/?s', 'bin/s', false],
    ['/bin/[a-l]s', 'bin/ls', true],
    ['/bin/[!l]s', 'bin/ls', false],
    ['/bin/[^l]s', 'bin/ps', true],
    ['/a[!b]c', 'a/c', false],
    ['/a/{b,c*}', 'a/cd', true],
    ['/a/{b,c*}', 'a/d', false],
    ['/usr/bin/[', 'usr/bin/[', true],
    ['/c++', 'c++', true],
    ['/a.b', 'axb', false],
    ['/x[z-a]', 'x[z-a]', true],
    ['*', 'new\nline', true],
    ['/ü?', 'ü😀', true],
  ])('%s: %s %s', (glob, path, matches) => {
    expect(pathGlob(glob).test(path)).toBe(matches)
  })
})

test.each([
  ['/etc/passwd', false],
  ['*.pem', true],
  ['/a?', true],
  ['/usr/bin/[', true],
  ['{a,b}', true],
])('isGlob(): %s %s', (text, expected) => {
  expect(isGlob(text)).toBe(expected)
})
