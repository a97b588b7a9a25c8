import { describe, expect, test } from 'vitest'
import { sigstoreInstance } from '../../../test/fixtures/sigstore/sigstore-instance.ts'
import {
  publicGoodInstance,
  publicGoodServices,
  readTrustedRoots,
  type UsedTrust,
} from '../../signing/index.ts'
import { publicServices } from './public-services.ts'

const service = (url: string): object => ({
  url,
  majorApiVersion: 1,
  validFor: { start: '2025-01-01T00:00:00Z' },
  operator: 'sigstore.dev',
})

function used(mirror: string, signingConfig?: object): UsedTrust {
  const bytes = Buffer.from(JSON.stringify(sigstoreInstance().trustedRoot))
  return {
    name: mirror,
    mirror,
    trust: readTrustedRoots([{ name: 'root', bytes }]),
    ...(signingConfig === undefined ? {} : { signingConfig: Buffer.from(JSON.stringify(signingConfig)) }),
  }
}

function config(log: string): object {
  return {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [service('https://fulcio.example')],
    oidcUrls: [service('https://login.example')],
    rekorTlogUrls: [service(log)],
    rekorTlogConfig: { selector: 'ANY' },
    tsaUrls: [],
  }
}

describe('publicServices()', () => {
  test('are those that are known here, until a refresh fetched others', async () => {
    const { mirror } = await publicGoodInstance()
    expect(await publicServices([used(mirror)])).toBe(publicGoodServices)
  })

  test("are those of the public instance's signing config, and of no other's", async () => {
    const { mirror } = await publicGoodInstance()
    const { logs } = await publicServices([
      used('https://tuf.example', config('https://other.example')),
      used(mirror, config('https://log.example')),
    ])
    expect(logs.map(({ url }) => url.host)).toEqual(['log.example'])
  })
})
