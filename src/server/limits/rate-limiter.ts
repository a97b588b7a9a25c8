import { ProtocolError } from '../protocol-error.ts'
import { clientNetwork } from './client-network.ts'

/** Counts the requests of each client. */
export interface RateLimiter {
  /** Counts one request. @throws {ProtocolError} TOOMANYREQUESTS with a `Retry-After`, when there are too many. */
  count(clientAddress: string): void
}

/** Options of {@link createRateLimiter}. */
export interface RateLimiterOptions {
  /** A client's requests a minute, on average; as many may come at once. Default: no bound. */
  readonly requestsPerMinute?: number | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** How many clients are remembered; beyond, who was quiet longest starts afresh. Default 10,000. */
  readonly maxClients?: number | undefined
}

/**
 * Makes a limiter that holds a bucket of requests for each client, which fills again by and by. All addresses of an IPv6
 * network (/64) are one client.
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { requestsPerMinute, now, maxClients = 10_000 } = options
  if (requestsPerMinute === undefined) return { count: () => {} }
  const perMillisecond = requestsPerMinute / 60_000
  const size = Math.max(1, requestsPerMinute)
  const buckets = new Map<string, Bucket>()

  return {
    count(clientAddress) {
      const client = clientNetwork(clientAddress)
      const at = now()
      const bucket = buckets.get(client) ?? { left: size, at }
      // A clock that was set back takes nothing away.
      const left = Math.min(size, bucket.left + Math.max(0, at - bucket.at) * perMillisecond)
      const taken = left >= 1
      buckets.delete(client)
      if (buckets.size >= maxClients) forgetOldest(buckets)
      buckets.set(client, { left: taken ? left - 1 : left, at })
      if (!taken) throw tooManyRequests(Math.ceil((1 - left) / perMillisecond / 1000))
    },
  }
}

interface Bucket {
  readonly left: number
  readonly at: number
}

function forgetOldest(buckets: Map<string, Bucket>): void {
  const [oldest] = buckets.keys()
  if (oldest !== undefined) buckets.delete(oldest)
}

function tooManyRequests(seconds: number): ProtocolError {
  return new ProtocolError('TOOMANYREQUESTS', `too many requests: try again in ${seconds} s`, {
    headers: { 'Retry-After': String(seconds) },
  })
}
