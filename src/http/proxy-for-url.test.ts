import { describe, expect, test } from 'vitest'
import { HttpConnectionError } from './errors.ts'
import { proxyChoice } from './proxy-for-url.ts'

const https = { HTTPS_PROXY: 'http://proxy:3128' }
const choose = (environment: Record<string, string>, url: string): string | undefined =>
  proxyChoice(environment)(new URL(url))?.href

describe('proxyChoice()', () => {
  test.each([
    ['no variable', {}, 'https://r.example', undefined],
    ['https', https, 'https://r.example', 'http://proxy:3128/'],
    ['https only', https, 'http://r.example', undefined],
    ['http', { HTTP_PROXY: 'http://p' }, 'http://r.example', 'http://p/'],
    ['lower case', { https_proxy: 'http://p' }, 'https://r.example', 'http://p/'],
    [
      'upper case first',
      { HTTPS_PROXY: 'http://a', https_proxy: 'http://b' },
      'https://r.example',
      'http://a/',
    ],
    ['an empty upper case', { HTTPS_PROXY: '', https_proxy: 'http://b' }, 'https://r.example', 'http://b/'],
    ['no scheme', { HTTPS_PROXY: 'p:3128' }, 'https://r.example', 'http://p:3128/'],
    ['credentials', { HTTPS_PROXY: 'http://u:p%40@p' }, 'https://r.example', 'http://u:p%40@p/'],
    ['CGI', { HTTP_PROXY: 'http://p', REQUEST_METHOD: 'GET' }, 'http://r.example', undefined],
    ['localhost', https, 'https://localhost:5000', undefined],
    ['127/8', https, 'https://127.1.2.3', undefined],
    ['::1', https, 'https://[::1]:5000', undefined],
  ])('%s', (_case, environment, url, expected) => {
    expect(choose(environment, url)).toBe(expected)
  })

  test.each([
    ['*', 'r.example', false],
    ['r.example', 'r.example', false],
    ['r.example', 'a.r.example', false],
    ['r.example', 'ar.example', true],
    ['R.Example', 'r.example', false],
    ['.r.example', 'a.r.example', false],
    ['.r.example', 'r.example', true],
    ['*.r.example', 'a.r.example', false],
    ['*.r.example', 'r.example', true],
    ['other, r.example', 'r.example', false],
    [' ,,r.example', 'r.example', false],
    ['r.example:5000', 'r.example:5000', false],
    ['r.example:5000', 'r.example', true],
    ['r.example:443', 'r.example', false],
    ['10.0.0.1', '10.0.0.1', false],
    ['10.0.0.1', '10.0.0.2', true],
    ['10.0.0.1:5000', '10.0.0.1:5000', false],
    ['10.0.0.1:5000', '10.0.0.1:5001', true],
    ['10.0.0.0/8', '10.9.9.9', false],
    ['10.0.0.0/8', '11.0.0.1', true],
    ['10.0.0.0/99', '10.0.0.1', true],
    ['fd00::/8', '[fd00::5]', false],
    ['fd00::5', '[fd00::5]', false],
    ['[fd00::5]:5000', '[fd00::5]:5000', false],
    ['[fd00::5]:5000', '[fd00::5]', true],
    ['example', '10.0.0.1', true],
  ])('NO_PROXY %j and %s: by proxy %s', (noProxy, host, byProxy) => {
    expect(choose({ ...https, NO_PROXY: noProxy }, `https://${host}`) !== undefined).toBe(byProxy)
  })

  test.each(['socks5://p', 'http://'])('refuses %s, without showing it', (value) => {
    const choice = proxyChoice({ HTTPS_PROXY: value })
    expect(() => choice(new URL('https://r.example'))).toThrow(HttpConnectionError)
    expect(() => choice(new URL('https://r.example'))).toThrow('Cannot use the proxy in HTTPS_PROXY')
  })
})
