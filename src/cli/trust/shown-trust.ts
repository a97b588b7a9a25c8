import { describeTrust, type DescribedRoot, type UsedTrust } from '../../signing/index.ts'

/** A trust root in use, as `lading trust show --json` prints it. */
export interface ShownTrust extends DescribedRoot {
  readonly origin: 'built-in' | 'refreshed' | 'file'
  /** Where it is refreshed from; null for a file. */
  readonly mirror: string | null
  /** RFC 3339; null where it was not refreshed. */
  readonly refreshed: Date | null
}

/** Roots of this machine. */
export function shownTrust({ mirror, refreshed, trust }: UsedTrust): readonly ShownTrust[] {
  const origin = refreshed === undefined ? 'built-in' : 'refreshed'
  return describeTrust(trust).map((root) => ({ ...root, origin, mirror, refreshed: refreshed ?? null }))
}
