import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readRegistryFile } from './read-registry-file.ts'
import { serverOptionsOf } from './server-options-of.ts'

describe('registry.yaml', () => {
  let folder: string
  let file: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lading-test-'))
    file = join(folder, 'registry.yaml')
  })

  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  test('becomes the options of the server; paths are meant from its folder', async () => {
    await writeFile(file, everything)
    const read = readRegistryFile(file)
    expect(read.data).toBe(join(folder, 'data'))
    expect(serverOptionsOf(read)).toEqual({
      listen: { host: '::', port: 443 },
      externalUrl: 'https://registry.example',
      tls: { certificateFile: join(folder, 'tls.crt'), keyFile: '/etc/ssl/tls.key' },
      behindTlsProxy: false,
      insecure: false,
      access: {
        htpasswdFile: join(folder, 'users'),
        groups: { team: ['ann', 'bob'] },
        rules: [
          { repositories: 'public/**', anonymous: true, allow: ['pull'] },
          { repositories: 'team/**', groups: ['team'], users: ['eve'], allow: ['pull', 'push', 'delete'] },
          {
            repositories: 'team/app',
            workloads: [{ issuer: 'https://issuer.example', claims: { repository: 'team/*' } }],
            allow: ['push'],
          },
        ],
        issuers: [
          { url: 'https://issuer.example', audience: 'registry.example', caFile: join(folder, 'ca.crt') },
        ],
        tokenLifetimeSeconds: 300,
      },
      limits: {
        maxBlobBytes: 10 * 2 ** 30,
        maxManifestBytes: 7 * 2 ** 20,
        maxRepositoryBytes: 1e12,
        requestsPerMinute: 6000,
        maxConnections: 500,
      },
      immutableTags: [{ repositories: '**', tags: ['v*'] }],
      collection: {
        gracePeriodSeconds: 7 * 86_400,
        uploadExpirySeconds: 86_400,
        condemnedSeconds: 600,
        intervalSeconds: 0,
      },
    })
  })

  test('may be empty', async () => {
    await writeFile(file, '# nothing yet\n')
    expect(serverOptionsOf(readRegistryFile(file))).toMatchObject({ listen: undefined, access: undefined })
  })

  test.each([
    ['data: x\nlisen: localhost:5000\n', /line 2: lisen: there is no such key/],
    [
      'access:\n  rules:\n    - repositories: "**"\n      alow: [pull]\n',
      /line 4: access\.rules\.0\.alow: there is no such key|line 3: access\.rules\.0\.allow: it is missing/,
    ],
    [
      'access:\n  rules:\n    - repositories: "**"\n      allow: [pul]\n',
      /line 4: access\.rules\.0\.allow\.0: expected /,
    ],
    ['limits:\n\n  blobSize: 4\n', /line 3: limits\.blobSize: expected string, found 4/],
    ['limits:\n  manifestSize: 8MiB\n', /line 2: limits\.manifestSize: a manifest size is at most 7MiB/],
    ['limits:\n  blobSize: 4 MB\n', /line 2: limits\.blobSize: a size is a number with its unit/],
    [
      'collection:\n  gracePeriod: 7days\n',
      /line 2: collection\.gracePeriod: a time is a number with its unit/,
    ],
    ['tls:\n  certificate: a.crt\n', /line 1: tls\.key: it is missing|line 2: tls\.key: it is missing/],
    ['listen: [\n', /line \d+: /],
  ])('refuses %j with the line', async (text, message) => {
    await writeFile(file, text)
    expect(() => readRegistryFile(file)).toThrow(message)
  })

  test('has to be there', () => {
    expect(() => readRegistryFile(file)).toThrow(/there is no such file/)
  })
})

const everything = `
data: data
listen: ":443"
externalUrl: https://registry.example
tls:
  certificate: tls.crt
  key: /etc/ssl/tls.key
behindTlsProxy: false
insecure: false
access:
  htpasswd: users
  groups:
    team: [ann, bob]
  rules:
    - repositories: public/**
      anonymous: true
      allow: [pull]
    - repositories: team/**
      groups: [team]
      users: [eve]
      allow: [pull, push, delete]
    - repositories: team/app
      workloads:
        - issuer: https://issuer.example
          claims: { repository: team/* }
      allow: [push]
  issuers:
    - url: https://issuer.example
      audience: registry.example
      caFile: ca.crt
  tokenLifetime: 5m
limits:
  blobSize: 10GiB
  manifestSize: 7MiB
  repositorySize: 1TB
  requestsPerMinute: 6000
  connections: 500
immutableTags:
  - repositories: "**"
    tags: ["v*"]
collection:
  gracePeriod: 7d
  uploadExpiry: 24h
  condemned: 10m
  interval: 0s
log:
  level: warn
`
