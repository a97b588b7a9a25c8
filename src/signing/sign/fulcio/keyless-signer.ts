import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { OperationOptions } from '../../../content/index.ts'
import type { Transport } from '../../../http/index.ts'
import { IdentityTokenError } from '../errors.ts'
import type { IdentityToken } from '../identity/identity-token.ts'
import { signBytes } from '../keys/sign-bytes.ts'
import type { BundleSigner } from '../types.ts'
import { requestCertificate, type SigningCertificate } from './signing-certificate.ts'

/** Options of {@link keylessSigner}. */
export interface KeylessSignerOptions extends OperationOptions {
  /** The certificate authority's root, as `https://fulcio.sigstore.dev`. */
  readonly fulcio: URL
  /** Gives the token; asked again when a certificate has run out. */
  readonly token: (options: OperationOptions) => Promise<IdentityToken>
  readonly transport: Transport
  /** Default: the clock. */
  readonly now?: (() => Date) | undefined
}

/** A certificate that is left for less than this is not signed with: witnesses take seconds, and clocks differ; milliseconds. */
const leastLifeLeft = 60_000

interface Holder {
  readonly privateKey: KeyObject
  readonly certificate: SigningCertificate
}

/**
 * A signer by an identity: a key that lives as long as the process, for which Fulcio gives a certificate, at once and
 * whenever the last one has run out.
 *
 * @throws {IdentityTokenError} there is no token, or it has expired. {@link SigningServiceError} there is no certificate.
 * @example
 * const signer = await keylessSigner({ fulcio, transport, token: async () => new IdentityToken(text) })
 */
export async function keylessSigner(options: KeylessSignerOptions): Promise<BundleSigner> {
  const now = options.now ?? (() => new Date())
  let holder = await newHolder(options, now, options)
  let renewal: Promise<Holder> | undefined
  return {
    display: `${holder.certificate.identity} (${holder.certificate.issuer})`,
    async sign(bytes, { signal } = {}) {
      signal?.throwIfAborted()
      if (holder.certificate.notAfter.getTime() - now().getTime() < leastLifeLeft) {
        // Several that sign at once wait for one certificate; none of them stops it for the others.
        renewal ??= newHolder(options, now, options).finally(() => {
          renewal = undefined
        })
        holder = await renewal
        signal?.throwIfAborted()
      }
      const { certificate, chain } = holder.certificate
      return {
        signature: signBytes(holder.privateKey, bytes),
        hash: 'sha256',
        material: { kind: 'certificate', certificate, chain },
      }
    },
  }
}

async function newHolder(
  { fulcio, token: getToken, transport }: KeylessSignerOptions,
  now: () => Date,
  { signal }: OperationOptions,
): Promise<Holder> {
  signal?.throwIfAborted()
  const token = await getToken({ signal })
  if (token.expires !== undefined && token.expires.getTime() <= now().getTime())
    throw new IdentityTokenError(
      `Cannot sign as ${token.principal}: the token expired at ${token.expires.toISOString()}`,
      { hint: 'Ask for a new one; a token lives for some minutes.' },
    )
  const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  const certificate = await requestCertificate(privateKey, token, { fulcio, transport, now, signal })
  return { privateKey, certificate }
}
