import { parseListenAddress, type ServerOptions } from '../../server/index.ts'
import { parseDuration, parseSize } from './quantities.ts'
import type { RegistryFile } from './registry-file.ts'

/** What a `registry.yaml` comes to, but for the folder of the data. @throws {UsageError} a wrong listen address. */
export function serverOptionsOf(file: RegistryFile): Omit<ServerOptions, 'dataDirectory'> {
  const { listen, externalUrl, tls, behindTlsProxy, insecure, immutableTags } = file
  return {
    listen: listen === undefined ? undefined : parseListenAddress(listen),
    externalUrl,
    tls: tls === undefined ? undefined : { certificateFile: tls.certificate, keyFile: tls.key },
    behindTlsProxy,
    insecure,
    access: accessOf(file),
    limits: limitsOf(file),
    immutableTags,
    collection: collectionOf(file),
  }
}

function accessOf({ access }: RegistryFile): ServerOptions['access'] {
  if (access === undefined) return undefined
  const { htpasswd, groups, rules, issuers, tokenLifetime } = access
  return {
    htpasswdFile: htpasswd,
    groups,
    rules,
    issuers,
    tokenLifetimeSeconds: secondsOf(tokenLifetime),
  }
}

function limitsOf({ limits }: RegistryFile): ServerOptions['limits'] {
  if (limits === undefined) return undefined
  const { blobSize, manifestSize, repositorySize, requestsPerMinute, connections } = limits
  return {
    maxBlobBytes: bytesOf(blobSize),
    maxManifestBytes: bytesOf(manifestSize),
    maxRepositoryBytes: bytesOf(repositorySize),
    requestsPerMinute,
    maxConnections: connections,
  }
}

function collectionOf({ collection }: RegistryFile): ServerOptions['collection'] {
  if (collection === undefined) return undefined
  const { gracePeriod, uploadExpiry, condemned, interval } = collection
  return {
    gracePeriodSeconds: secondsOf(gracePeriod),
    uploadExpirySeconds: secondsOf(uploadExpiry),
    condemnedSeconds: secondsOf(condemned),
    intervalSeconds: secondsOf(interval),
  }
}

function secondsOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text)
}

function bytesOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseSize(text)
}
