import { describe, expect, test } from 'vitest'
import { HttpRefusedError } from './errors.ts'
import { type PreparedRequest, redirectTarget } from './redirect-target.ts'
import type { HttpRequest } from './types.ts'

const headers = { authorization: 'Bearer secret', cookie: 'a=b', accept: '*/*' }
const request = (method: HttpRequest['method'] = 'GET'): PreparedRequest => ({
  method,
  url: new URL('https://r.example/v2/a?x=1'),
  headers,
})
const answer = (status: number, location?: string): { status: number; header: () => string | undefined } => ({
  status,
  header: () => location,
})

describe('redirectTarget()', () => {
  test.each([
    ['/other', 'https://r.example/other'],
    ['b?y=2', 'https://r.example/v2/b?y=2'],
    ['//cdn.example/b', 'https://cdn.example/b'],
    ['https://me:secret@cdn.example/b', 'https://cdn.example/b'],
  ])('resolves %s', (location, expected) => {
    expect(redirectTarget(request(), answer(307, location))?.url.href).toBe(expected)
  })

  test.each([
    ['https://r.example/b', true],
    ['https://r.example:443/b', true],
    ['https://r.example:8443/b', false],
    ['http://r.example/b', false],
    ['https://cdn.r.example/b', false],
  ])('to %s: credentials go along %s', (location, goAlong) => {
    const next = redirectTarget(request(), answer(302, location))
    expect(next?.headers).toEqual(goAlong ? headers : { accept: '*/*' })
  })

  test('gives credentials to nobody any more once the way has led elsewhere', () => {
    const away = redirectTarget(request(), answer(307, 'https://cdn.example/'))
    const back = away && redirectTarget(away, answer(307, 'https://r.example/v2/a'))
    expect(back?.url.host).toBe('r.example')
    expect(back?.headers).toEqual({ accept: '*/*' })
  })

  test.each([
    [301, 'GET', true],
    [302, 'HEAD', true],
    [303, 'GET', true],
    [307, 'GET', true],
    [308, 'PUT', true],
    [301, 'PUT', false],
    [302, 'POST', false],
    [303, 'POST', false],
    [300, 'GET', false],
    [304, 'GET', false],
    [200, 'GET', false],
  ] as const)('%i to %s is followed: %s', (status, method, followed) => {
    expect(redirectTarget(request(method), answer(status, '/b')) !== undefined).toBe(followed)
  })

  test('follows nothing without a location', () => {
    expect(redirectTarget(request(), answer(307))).toBeUndefined()
  })

  test.each(['file:///etc/passwd', 'ftp://x/', 'https://'])('refuses %s', (location) => {
    expect(() => redirectTarget(request(), answer(307, location))).toThrow(HttpRefusedError)
  })
})
