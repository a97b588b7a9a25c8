import { expect, test } from 'vitest'
import { clientAddress } from './client-address.ts'

test.each([
  ['the peer', undefined, '192.0.2.1'],
  ['the one entry', '198.51.100.7', '198.51.100.7'],
  ['the last entry, which the proxy wrote', '203.0.113.9, 198.51.100.7', '198.51.100.7'],
  ['an entry with a port', '198.51.100.7:1234', '198.51.100.7'],
  ['an IPv6 entry', '2001:DB8::1', '2001:db8::1'],
  ['an IPv6 entry with a port', '[2001:db8::1]:443', '2001:db8::1'],
  ['an IPv4 address written as IPv6', '::ffff:198.51.100.7', '198.51.100.7'],
  ['the peer, where the last entry is no address', '198.51.100.7, unknown', '192.0.2.1'],
  ['the peer, where the header is empty', '', '192.0.2.1'],
])('behind a proxy the address is %s', (_, header, address) => {
  const headers = header === undefined ? {} : { 'x-forwarded-for': header }
  const socket = { remoteAddress: '::ffff:192.0.2.1' }
  expect(clientAddress({ headers, socket }, true)).toBe(address)
})

test('without a proxy nobody is believed who he says he is', () => {
  const headers = { 'x-forwarded-for': '198.51.100.7' }
  expect(clientAddress({ headers, socket: { remoteAddress: '192.0.2.1' } }, false)).toBe('192.0.2.1')
})

test('a socket that is gone has an address, too', () => {
  expect(clientAddress({ headers: {}, socket: {} }, true)).toBe('unknown')
})
