import { describe, expect, test } from 'vitest'
import { parseRegistryHost } from './parse-registry-host.ts'

describe('parseRegistryHost()', () => {
  test.each([
    ['', 'docker.io'],
    ['docker.io', 'docker.io'],
    ['https://index.docker.io/v1/', 'docker.io'],
    ['ghcr.io', 'ghcr.io'],
    ['ghcr.io/astral-sh/uv', 'ghcr.io'],
    ['https://registry.example:5000/v2/', 'registry.example:5000'],
    ['localhost', 'localhost'],
    ['localhost:5000', 'localhost:5000'],
  ])('reads %j as %j', (text, host) => {
    expect(parseRegistryHost(text)).toBe(host)
  })

  test.each(['python', 'exa mple.com', 'a.b/../c'])('refuses %j', (text) => {
    expect(() => parseRegistryHost(text)).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })

  test('repeats no password', () => {
    expect(() => parseRegistryHost('https://me:hunter2@ghcr.io')).toThrow(/^Cannot use "https:..ghcr.io" as/)
  })
})
