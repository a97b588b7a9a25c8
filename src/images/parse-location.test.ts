import { describe, expect, test } from 'vitest'
import { parseLocation } from './parse-location.ts'

const digest = `sha256:${'0'.repeat(64)}`

describe('parseLocation()', () => {
  test.each([
    ['python:3.12-slim', 'docker.io/library/python:3.12-slim'],
    ['docker://ghcr.io/a/b', 'ghcr.io/a/b:latest'],
    ['oci://ghcr.io/a/b:1', 'ghcr.io/a/b:1'],
    ['localhost:5000/oci:1', 'localhost:5000/oci:1'],
    [`a@${digest}`, `docker.io/library/a@${digest}`],
  ])('reads %j as the registry image %j', (text, canonical) => {
    const location = parseLocation(text)
    expect(location.kind === 'registry' && location.reference.canonical).toBe(canonical)
  })

  test('adds no tag where a whole repository is asked for', () => {
    const location = parseLocation('alpine', { wholeRepository: true })
    expect(location.kind === 'registry' && location.reference.canonical).toBe('docker.io/library/alpine')
  })

  test.each([
    ['oci:dir', { kind: 'oci', path: 'dir' }],
    ['oci:dir:tag', { kind: 'oci', path: 'dir', name: 'tag' }],
    ['oci:/a/b:docker.io/library/x:1', { kind: 'oci', path: '/a/b', name: 'docker.io/library/x:1' }],
    [`oci:dir@${digest}`, { kind: 'oci', path: 'dir', digest }],
    ['oci:C:\\images:1', { kind: 'oci', path: 'C:\\images', name: '1' }],
    ['ocidir://dir:1', { kind: 'oci', path: 'dir', name: '1' }],
    ['oci-archive:-', { kind: 'oci-archive', path: '-' }],
    ['oci-archive:a.tar:v1', { kind: 'oci-archive', path: 'a.tar', name: 'v1' }],
    ['docker-archive:a.tar:x/y:1', { kind: 'docker-archive', path: 'a.tar', name: 'x/y:1' }],
    ['docker-daemon:python', { kind: 'docker-daemon', name: 'python:latest' }],
    [`docker-daemon:${digest}`, { kind: 'docker-daemon', name: digest }],
  ])('reads %j as %j', (text, expected) => {
    expect(parseLocation(text)).toEqual({ ...expected, text })
  })

  test.each([
    ['https://ghcr.io/a/b', /has no scheme/, 'ghcr.io/a/b'],
    [
      'containers-storage:alpine',
      /podman's storage/,
      'podman save --format oci-archive IMAGE | lading … oci-archive:-',
    ],
    ['./image.tar', /is a path/, 'oci-archive:./image.tar or docker-archive:./image.tar'],
    [
      '/images/layout',
      /is a path/,
      'oci:/images/layout for a layout, oci-archive:/images/layout for an archive',
    ],
    ['oci:', /no path/, 'oci:DIRECTORY[:TAG]'],
    ['oci:-', /not a stream/, 'oci-archive:-'],
    ['docker-daemon:', /no image/, 'docker-daemon:IMAGE[:TAG]'],
  ])('refuses %j and says what to write', (text, message, hint) => {
    expect(() => parseLocation(text)).toThrow(message)
    expect(() => parseLocation(text)).toThrow(expect.objectContaining({ hint }))
  })

  test.each([
    'https://me:hunter2@ghcr.io/a/b',
    'docker://me:hunter2@ghcr.io/a/b',
    'oci://me:hunter2@ghcr.io/a/b',
    'me:hun@ter2@ghcr.io/a/b:1',
  ])('repeats no password: %s', (text) => {
    let error: unknown
    try {
      parseLocation(text)
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).toContain('ghcr.io/a/b')
    expect(JSON.stringify([String(error), error])).not.toMatch(/hun|ter2/)
  })
})
