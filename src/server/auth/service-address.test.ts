import { describe, expect, test } from 'vitest'
import { AccessConfigurationError } from './access-configuration-error.ts'
import { createServiceAddress } from './service-address.ts'

const forwarded = {
  host: 'inner:5000',
  'x-forwarded-host': 'evil.example, reg.example',
  'x-forwarded-proto': 'https',
}

describe('createServiceAddress()', () => {
  test.each([
    ['plain', {}, { host: 'localhost:5000' }, 'http://localhost:5000/token'],
    ['with TLS', { tls: true }, { host: 'Reg.Example' }, 'https://reg.example/token'],
    ['at an IPv6 address', {}, { host: '[::1]:5000' }, 'http://[::1]:5000/token'],
    ['with headers that nobody may write', {}, forwarded, 'http://inner:5000/token'],
    ['behind a proxy', { behindTlsProxy: true }, forwarded, 'https://reg.example/token'],
    [
      'behind a proxy that says nothing',
      { behindTlsProxy: true },
      { host: 'r.example' },
      'https://r.example/token',
    ],
    ['with an external URL', { externalUrl: 'https://r.example/' }, forwarded, 'https://r.example/token'],
    ['without a host', {}, {}, 'http://localhost/token'],
    ['with a quote in the host', {}, { host: 'a",scope="x' }, 'http://localhost/token'],
    ['with a path in the host', {}, { host: 'a/b' }, 'http://localhost/token'],
    ['with a user in the host', {}, { host: 'a@b' }, 'http://localhost/token'],
  ])('%s', (_, options, headers, realm) => {
    const address = createServiceAddress(options)(headers)
    expect(address).toEqual({ realm, service: new URL(realm).host })
  })

  test.each([
    'registry.example',
    'ftp://registry.example',
    '',
    'https://r.example/path',
    'https://u:p@r.example',
    'https://r.example/?a',
  ])('refuses the external URL %j', (externalUrl) => {
    expect(() => createServiceAddress({ externalUrl })).toThrow(AccessConfigurationError)
  })
})
