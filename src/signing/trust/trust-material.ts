import type { TrustMaterial as EngineTrust } from '@sigstore/verify'

/** One trust root: who is believed, and how much must be proved under it. */
export interface TrustRoot {
  /** As an answer names it: `sigstore public-good`, or the file it came from. */
  readonly name: string
  /** The engine's form of it; it knows no public key of a signer. */
  readonly engine: Omit<EngineTrust, 'publicKey'>
  /** The DER names of all certificates that authorities may sign leaves with. */
  readonly authorityNames: readonly Buffer[]
  /** Signed certificate timestamps that a certificate must carry. */
  readonly certificateLogs: 0 | 1
  /** Entries of transparency logs that a signature must have. */
  readonly logs: 0 | 1
}

/**
 * Certificate authorities, logs and time-stamping authorities that are believed, of one or several roots. Made by
 * `builtInTrust()` and `readTrustedRoots()`; what is in it is nobody else's matter.
 */
export class TrustMaterial {
  readonly #roots: readonly TrustRoot[]

  constructor(roots: readonly TrustRoot[]) {
    this.#roots = roots
  }

  /** The names of the roots, in the order in which they are asked. */
  get names(): readonly string[] {
    return this.#roots.map(({ name }) => name)
  }

  /** The roots of `trust`. */
  static roots(trust: TrustMaterial): readonly TrustRoot[] {
    return trust.#roots
  }
}
