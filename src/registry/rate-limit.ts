import type { OperationOptions } from '../content/index.ts'
import { manifestMediaTypes } from '../oci/index.ts'
import { manifestPath } from './manifest-path.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'

/** How many pulls a registry still allows. */
export interface RateLimit {
  /** Pulls in a window. */
  readonly limit: number
  /** Pulls left. */
  readonly remaining: number
  readonly windowSeconds: number | undefined
  /** For whom it counts: an address, or an account's identifier. */
  readonly source: string | undefined
}

/**
 * Asks for the rate limit by HEAD of a manifest, which does not count against it at Docker Hub.
 *
 * @param name A tag or digest that is there.
 * @returns undefined when the registry does not tell, or sets no limit.
 */
export async function readRateLimit(
  endpoint: RepositoryEndpoint,
  name: string,
  options: OperationOptions,
): Promise<RateLimit | undefined> {
  const doing = `ask ${endpoint.host.name} for its rate limit`
  const response = await endpoint.request({
    doing,
    method: 'HEAD',
    to: manifestPath(endpoint, name),
    actions: ['pull'],
    // Without it distribution answers 404 for an index.
    headers: { accept: manifestMediaTypes.join(', ') },
    signal: options.signal,
  })
  await response.discard()
  const limit = parseLimit(response.header('ratelimit-limit'))
  const remaining = parseLimit(response.header('ratelimit-remaining'))
  if (limit !== undefined && remaining !== undefined) {
    return {
      limit: limit.count,
      remaining: remaining.count,
      windowSeconds: limit.windowSeconds ?? remaining.windowSeconds,
      source: response.header('docker-ratelimit-source'),
    }
  }
  if (response.status !== 200) throw await endpoint.error(response, doing)
  return undefined
}

/** `100;w=21600`: a hundred in six hours. */
function parseLimit(
  header: string | undefined,
): { readonly count: number; readonly windowSeconds: number | undefined } | undefined {
  const [, count, window] = /^\s*(\d{1,15})\s*(?:;\s*w=(\d{1,15}))?/.exec(header ?? '') ?? []
  if (count === undefined) return undefined
  return { count: Number(count), windowSeconds: window === undefined ? undefined : Number(window) }
}
