import * as v from 'valibot'
import { base64Text } from '../bundle/base64-text.ts'
import type { LogEntryDocument } from '../bundle/bundle-document.ts'
import { notVerified } from '../errors.ts'

/** What the signature's key is, as DER: the certificate it stands in, or the key alone. */
export type SignerMaterial =
  | { readonly kind: 'certificate'; readonly whole: Buffer }
  | { readonly kind: 'key'; readonly spki: Buffer }

/**
 * Checks that the log recorded the signature as made by this certificate or key. The engine compares signature and
 * digest; without this an entry made under another certificate would vouch for this one (CVE-2026-22703).
 *
 * @throws {NotVerifiedError} of the check `log-signer`.
 */
export function checkLogSigner(
  { kindVersion, canonicalizedBody }: LogEntryDocument,
  signer: SignerMaterial,
): void {
  const recorded = recordedSigner(
    `${kindVersion.kind} ${kindVersion.version}`,
    JSON.parse(Buffer.from(canonicalizedBody, 'base64').toString('utf8')),
  )
  const expected = signer.kind === 'certificate' ? signer.whole : signer.spki
  if (recorded?.kind !== signer.kind || !recorded.der.equals(expected))
    throw notVerified(
      'log-signer',
      `the entry in the transparency log is about another ${signer.kind === 'certificate' ? 'certificate' : 'key'}`,
    )
}

interface RecordedSigner {
  readonly kind: SignerMaterial['kind']
  readonly der: Buffer
}

function recordedSigner(kind: string, body: unknown): RecordedSigner | undefined {
  switch (kind) {
    case 'hashedrekord 0.0.1':
      return fromPem(read(hashedRekord1, body)?.spec.signature.publicKey.content)
    case 'dsse 0.0.1':
      return fromPem(read(dsse1, body)?.spec.signatures[0].verifier)
    case 'intoto 0.0.1':
      return fromPem(read(intoto1, body)?.spec.publicKey)
    case 'intoto 0.0.2':
      return fromPem(read(intoto2, body)?.spec.content.envelope.signatures[0].publicKey)
    case 'hashedrekord 0.0.2':
      return fromVerifier(read(hashedRekord2, body)?.spec.hashedRekordV002.signature.verifier)
    case 'dsse 0.0.2':
      return fromVerifier(read(dsse2, body)?.spec.dsseV002.signatures[0].verifier)
    default:
      return undefined
  }
}

const encoded = base64Text(64 * 1024)
const rawBytes = v.object({ rawBytes: encoded })
const verifier = v.object({ x509Certificate: v.optional(rawBytes), publicKey: v.optional(rawBytes) })

const hashedRekord1 = v.object({
  spec: v.object({ signature: v.object({ publicKey: v.object({ content: encoded }) }) }),
})
const dsse1 = v.object({ spec: v.object({ signatures: v.strictTuple([v.object({ verifier: encoded })]) }) })
const intoto1 = v.object({ spec: v.object({ publicKey: encoded }) })
const intoto2 = v.object({
  spec: v.object({
    content: v.object({
      envelope: v.object({ signatures: v.strictTuple([v.object({ publicKey: encoded })]) }),
    }),
  }),
})
const hashedRekord2 = v.object({
  spec: v.object({ hashedRekordV002: v.object({ signature: v.object({ verifier }) }) }),
})
const dsse2 = v.object({
  spec: v.object({ dsseV002: v.object({ signatures: v.strictTuple([v.object({ verifier })]) }) }),
})

function read<Output>(schema: v.GenericSchema<unknown, Output>, body: unknown): Output | undefined {
  const result = v.safeParse(schema, body)
  return result.success ? result.output : undefined
}

function fromVerifier(found: v.InferOutput<typeof verifier> | undefined): RecordedSigner | undefined {
  const { x509Certificate, publicKey } = found ?? {}
  if (x509Certificate !== undefined && publicKey === undefined)
    return { kind: 'certificate', der: Buffer.from(x509Certificate.rawBytes, 'base64') }
  if (publicKey !== undefined && x509Certificate === undefined)
    return { kind: 'key', der: Buffer.from(publicKey.rawBytes, 'base64') }
  return undefined
}

/** Rekor v1 holds PEM in base64: a certificate, perhaps with its chain behind it, or a public key. */
function fromPem(content: string | undefined): RecordedSigner | undefined {
  const text = content === undefined ? '' : Buffer.from(content, 'base64').toString('latin1')
  const match = /^-----BEGIN (CERTIFICATE|PUBLIC KEY)-----\n([A-Za-z0-9+/=\n]+)-----END \1-----\n/.exec(
    `${text.replaceAll('\r', '')}\n`,
  )
  const [, label, body] = match ?? []
  if (label === undefined || body === undefined) return undefined
  return { kind: label === 'CERTIFICATE' ? 'certificate' : 'key', der: Buffer.from(body, 'base64') }
}
