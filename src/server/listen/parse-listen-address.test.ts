import { describe, expect, test } from 'vitest'
import { UsageError } from '../../errors/index.ts'
import { formatListenAddress, parseListenAddress } from './parse-listen-address.ts'

describe('parseListenAddress()', () => {
  test.each([
    ['localhost:5000', 'localhost', 5000],
    ['LocalHost:5000', 'localhost', 5000],
    ['0.0.0.0:80', '0.0.0.0', 80],
    ['[::1]:0', '::1', 0],
    [':5000', '::', 5000],
    ['*:5000', '::', 5000],
    ['5001', 'localhost', 5001],
    ['registry.example:443', 'registry.example', 443],
  ])('%s', (text, host, port) => {
    expect(parseListenAddress(text)).toEqual({ host, port })
  })

  test.each([
    '',
    'localhost',
    'localhost:',
    'localhost:65536',
    'localhost:-1',
    '::1:5000',
    '[localhost]:5000',
    '[::1]',
    'http://localhost:5000',
    'a b:5000',
    '-a:5000',
    'me@host:5000',
  ])('refuses %j', (text) => {
    expect(() => parseListenAddress(text)).toThrow(UsageError)
  })

  test('is written as it stands in a URL', () => {
    expect(formatListenAddress({ host: '::1', port: 5000 })).toBe('[::1]:5000')
    expect(formatListenAddress({ host: 'localhost', port: 5000 })).toBe('localhost:5000')
  })
})
