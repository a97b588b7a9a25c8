import type { TrustMaterial as EngineTrust } from '@sigstore/verify'
import { certificateName } from './certificate-name.ts'
import { TrustMaterial } from './trust-material.ts'

/** From when to when something is believed; without an end it is believed still. */
export interface Validity {
  readonly from: Date
  readonly to?: Date
}

/** An authority of certificates or of times: its certificate, by the subject's name. */
export interface DescribedAuthority extends Validity {
  readonly subject: string
}

/** A log of signatures or of certificates. */
export interface DescribedLog extends Validity {
  readonly url: string
  /** Hexadecimal. */
  readonly id: string
}

/** What a trust root holds, for people. */
export interface DescribedRoot {
  readonly name: string
  readonly certificateAuthorities: readonly DescribedAuthority[]
  readonly logs: readonly DescribedLog[]
  readonly certificateLogs: readonly DescribedLog[]
  readonly timestampAuthorities: readonly DescribedAuthority[]
}

/** Says whom the roots believe. */
export function describeTrust(trust: TrustMaterial): readonly DescribedRoot[] {
  return TrustMaterial.roots(trust).map(({ name, engine }) => ({
    name,
    certificateAuthorities: engine.certificateAuthorities.map(describedAuthority),
    logs: engine.tlogs.map(describedLog),
    certificateLogs: engine.ctlogs.map(describedLog),
    timestampAuthorities: engine.timestampAuthorities.map(describedAuthority),
  }))
}

function describedAuthority({
  certChain,
  validFor,
}: EngineTrust['certificateAuthorities'][number]): DescribedAuthority {
  const [first] = certChain
  return { subject: first === undefined ? '' : certificateName(first['root'].toDER()), ...validity(validFor) }
}

function describedLog({ baseURL, logID, validFor }: EngineTrust['tlogs'][number]): DescribedLog {
  return { url: baseURL, id: logID.toString('hex'), ...validity(validFor) }
}

/** The engine writes no end as the last day that a Date can say. */
function validity({ start, end }: { readonly start: Date; readonly end: Date }): Validity {
  return end.getTime() >= endOfTime ? { from: start } : { from: start, to: end }
}

const endOfTime = 8_640_000_000_000_000
