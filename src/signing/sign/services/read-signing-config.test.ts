import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTransport } from '../../../http/index.ts'
import { InvalidSigningConfigError } from '../errors.ts'
import { readServiceUrl } from './read-service-url.ts'
import { readSigningConfig } from './read-signing-config.ts'
import { publicGoodServices } from './signing-services.ts'
import { witnessesOf } from './witnesses-of.ts'

const at = new Date('2026-03-04T00:00:00Z')

function read(config: object): ReturnType<typeof readSigningConfig> {
  return readSigningConfig({ name: 'config.json', bytes: Buffer.from(JSON.stringify(config)) }, { at })
}

function service(
  host: string,
  version = 1,
  start = '2025-01-01T00:00:00Z',
  end?: string,
  operator = host,
): object {
  return {
    url: `https://${host}`,
    majorApiVersion: version,
    validFor: { start, ...(end === undefined ? {} : { end }) },
    operator,
  }
}

const mediaType = 'application/vnd.dev.sigstore.signingconfig.v0.2+json'

function logsOf(
  rekorTlogUrls: readonly object[],
  rekorTlogConfig: object = { selector: 'ALL' },
): readonly string[] {
  return read({ mediaType, rekorTlogUrls, rekorTlogConfig }).logs.map(
    ({ url, apiVersion }) => `${url.host} v${apiVersion}`,
  )
}

describe('readSigningConfig()', () => {
  test('reads v0.2 as the public-good instance publishes it', () => {
    const services = read({
      mediaType,
      caUrls: [service('fulcio.example')],
      oidcUrls: [{ ...service('oauth2.example'), url: 'https://oauth2.example/auth' }],
      rekorTlogUrls: [service('log2026.example', 2, '2026-06-01T00:00:00Z'), service('rekor.example')],
      tsaUrls: [{ ...service('tsa.example'), url: 'https://tsa.example/api/v1/timestamp' }],
      rekorTlogConfig: { selector: 'ANY' },
      tsaConfig: { selector: 'ANY' },
    })
    expect(services).toEqual({
      fulcio: new URL('https://fulcio.example'),
      oidcIssuer: new URL('https://oauth2.example/auth'),
      logs: [{ url: new URL('https://rekor.example'), apiVersion: 1 }],
      timestampAuthorities: [new URL('https://tsa.example/api/v1/timestamp')],
    })
  })

  test('reads v0.1', () => {
    const services = read({
      mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.1+json',
      caUrl: 'https://fulcio.example',
      oidcUrl: 'https://oauth2.example/auth/',
      tlogUrls: ['https://rekor.example'],
    })
    expect(services).toMatchObject({
      logs: [{ url: new URL('https://rekor.example'), apiVersion: 1 }],
      timestampAuthorities: [],
    })
  })

  test.each<[string, readonly object[], object, readonly string[]]>([
    ['the highest version', [service('one'), service('two', 2)], { selector: 'ALL' }, ['two v2']],
    ['no version that is unknown', [service('three', 3), service('one')], { selector: 'ALL' }, ['one v1']],
    [
      'what is valid now',
      [service('old', 1, '2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z'), service('now')],
      { selector: 'ALL' },
      ['now v1'],
    ],
    [
      'the newest of an operator',
      [
        service('a', 1, '2024-01-01T00:00:00Z', undefined, 'o'),
        service('b', 1, '2025-01-01T00:00:00Z', undefined, 'o'),
      ],
      { selector: 'ALL' },
      ['b v1'],
    ],
    [
      'one where any will do',
      [service('a'), service('b', 1, '2025-02-01T00:00:00Z')],
      { selector: 'ANY' },
      ['b v1'],
    ],
    [
      'as many as are asked for',
      [service('a'), service('b'), service('c')],
      { selector: 'EXACT', count: 2 },
      ['a v1', 'b v1'],
    ],
    ['nothing of nothing', [], { selector: 'EXACT', count: 2 }, []],
  ])('takes %s', (_, services, config, expected) => {
    expect(logsOf(services, config)).toEqual(expected)
  })

  test.each<[string, object, RegExp]>([
    [
      'none that is valid',
      { mediaType, caUrls: [service('a', 1, '2030-01-01T00:00:00Z')] },
      /caUrls: none of the services is valid now/,
    ],
    [
      'fewer than are asked for',
      { mediaType, tsaUrls: [service('a')], tsaConfig: { selector: 'EXACT', count: 2 } },
      /tsaUrls: 2 services are asked for, and 1 can be used/,
    ],
    [
      'EXACT without a count',
      { mediaType, tsaUrls: [service('a')], tsaConfig: { selector: 'EXACT' } },
      /0 services are asked for/,
    ],
    [
      'a service without TLS',
      { mediaType, caUrls: [{ ...service('a'), url: 'http://a' }] },
      /neither https nor on this machine/,
    ],
    [
      'an unknown selector',
      { mediaType, tsaConfig: { selector: 'SOME' } },
      /tsaConfig\.selector is not ANY, ALL or EXACT/,
    ],
    [
      'another document',
      { mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1' },
      /its mediaType is not/,
    ],
    ['a name of every object', { mediaType: 'constructor' }, /its mediaType is not/],
    [
      'a time that is none',
      { mediaType, caUrls: [service('a', 1, '2025-13-01T00:00:00Z')] },
      /caUrls\.0\.validFor\.start is not a time/,
    ],
  ])('refuses %s', (_, config, reason) => {
    expect(() => read(config)).toThrow(reason)
  })

  test('gives services or says what is wrong, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('caUrls', 'tsaUrls', 'tsaConfig', 'rekorTlogUrls'),
        (value, field) => {
          let result: unknown
          try {
            result = read({ mediaType, [field]: value })
          } catch (error) {
            result = error
          }
          expect(result instanceof InvalidSigningConfigError || !(result instanceof Error)).toBe(true)
        },
      ),
    )
  })
})

describe('witnessesOf()', () => {
  test('gives the log and the authority of the public-good instance', () => {
    const { logs, timestampAuthorities } = witnessesOf(publicGoodServices, createTransport())
    expect(logs.map(({ url }) => url)).toEqual(['https://rekor.sigstore.dev/'])
    expect(timestampAuthorities.map(({ url }) => url)).toEqual([
      'https://timestamp.sigstore.dev/api/v1/timestamp',
    ])
  })

  test('refuses a log that tells no time without an authority that does', () => {
    const logs = [{ url: new URL('https://log.example'), apiVersion: 2 }] as const
    expect(() => witnessesOf({ logs, timestampAuthorities: [] }, createTransport())).toThrow(
      /it proves no time, and a time-stamping authority is needed/,
    )
  })
})

describe('readServiceUrl()', () => {
  test.each(['https://rekor.example/path', 'http://127.0.0.1:3000', 'http://[::1]:3000', 'http://localhost'])(
    'takes %s',
    (text) => {
      expect(readServiceUrl(text)).toEqual(new URL(text))
    },
  )

  test.each(['rekor.example', 'http://rekor.example', 'https://me:hunter2@rekor.example', 'file:///etc', ''])(
    'refuses %s',
    (text) => {
      expect(() => readServiceUrl(text)).toThrow(/^(?!.*hunter2)Cannot use the service/)
    },
  )
})
