import { UsageError } from '../../../errors/index.ts'
import type { Transport } from '../../../http/index.ts'
import { rekorLog } from '../rekor/rekor-log.ts'
import { rekorTilesLog } from '../rekor/rekor-tiles-log.ts'
import { timestampAuthority } from '../timestamp-authority.ts'
import type { Witnesses } from '../types.ts'
import type { SigningServices } from './signing-services.ts'

/**
 * Clients of the logs and authorities.
 *
 * @throws {UsageError} a log of Rekor v2, which tells no time, without a time-stamping authority.
 */
export function witnessesOf(
  { logs, timestampAuthorities }: Pick<SigningServices, 'logs' | 'timestampAuthorities'>,
  transport: Transport,
): Witnesses {
  const timeless = logs.find(({ apiVersion }) => apiVersion === 2)
  if (timeless !== undefined && timestampAuthorities.length === 0)
    throw new UsageError(
      `Cannot sign with the transparency log ${timeless.url.host} alone: it proves no time, and a time-stamping authority is needed`,
      { hint: 'Name one in the signing config, or with --timestamp-url.' },
    )
  return {
    logs: logs.map(({ url, apiVersion }) =>
      apiVersion === 2 ? rekorTilesLog(url, transport) : rekorLog(url, transport),
    ),
    timestampAuthorities: timestampAuthorities.map((url) => timestampAuthority(url, transport)),
  }
}
