import { createReadStream, existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { LadingError, UsageError } from '../../src/errors/index.ts'
import { createTransport } from '../../src/http/index.ts'
import { parseDigest } from '../../src/oci/index.ts'
import {
  type Artifact,
  builtInTrust,
  IdentityToken,
  keylessSigner,
  publicGoodServices,
  readSigningConfig,
  readTrustedRoots,
  signBundle,
  type SignerPolicy,
  type SigningServices,
  type TrustMaterial,
  verifyBundle,
  witnessesOf,
} from '../../src/signing/index.ts'

/** What {@link runClient} came to: 0 for yes; what was said of it otherwise. */
export interface ClientResult {
  readonly exitCode: 0 | 1 | 2
  readonly stderr: string
}

/**
 * Runs a command of sigstore-conformance's protocol
 * (https://github.com/sigstore/sigstore-conformance/blob/main/docs/cli_protocol.md): `sign-bundle` and `verify-bundle`.
 */
export async function runClient([command, ...words]: readonly string[]): Promise<ClientResult> {
  try {
    const request = readWords(words)
    if (command === 'verify-bundle') await verify(request)
    else if (command === 'sign-bundle') await sign(request)
    else throw new UsageError(`Cannot run ${JSON.stringify(command ?? '')}: it is not in the protocol`)
    return { exitCode: 0, stderr: '' }
  } catch (error) {
    if (error instanceof LadingError || error instanceof SyntaxError)
      return { exitCode: error instanceof UsageError ? 2 : 1, stderr: error.message }
    throw error
  }
}

type ClientRequest = {
  readonly [
    Name in
      | 'bundle'
      | 'identity-token'
      | 'certificate-identity'
      | 'certificate-oidc-issuer'
      | 'key'
      | 'trusted-root'
      | 'signing-config'
  ]?: string | undefined
} & { readonly staging: boolean; readonly 'in-toto': boolean; readonly subject: string }

const options = {
  staging: { type: 'boolean', default: false },
  'in-toto': { type: 'boolean', default: false },
  bundle: { type: 'string' },
  'identity-token': { type: 'string' },
  'certificate-identity': { type: 'string' },
  'certificate-oidc-issuer': { type: 'string' },
  key: { type: 'string' },
  'trusted-root': { type: 'string' },
  'signing-config': { type: 'string' },
} as const

function readWords(words: readonly string[]): ClientRequest {
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true })
    const [subject, ...more] = positionals
    if (subject === undefined || more.length > 0) throw new UsageError('Cannot do it: name one file')
    return { ...values, subject }
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`Cannot do it: ${error.message}`, { cause: error })
    throw error
  }
}

async function verify(request: ClientRequest): Promise<void> {
  const trust = await trustOf(request)
  const policy = await policyOf(request)
  const bundle: unknown = JSON.parse(await readFile(given(request.bundle, '--bundle'), 'utf8'))
  await verifyBundle(bundle, artifactOf(request.subject), policy, trust)
}

async function policyOf(request: ClientRequest): Promise<SignerPolicy> {
  if (request.key !== undefined) return { kind: 'key', publicKeyPem: await readFile(request.key, 'utf8') }
  return {
    kind: 'identity',
    identity: { exact: given(request['certificate-identity'], '--certificate-identity') },
    issuer: { exact: given(request['certificate-oidc-issuer'], '--certificate-oidc-issuer') },
  }
}

/** A digest where it looks like one and no file has that name. */
function artifactOf(subject: string): Artifact {
  return /^sha256:[\da-f]{64}$/.test(subject) && !existsSync(subject)
    ? { digests: [parseDigest(subject)] }
    : { open: () => createReadStream(subject) }
}

async function sign(request: ClientRequest): Promise<void> {
  const [trust, services, bytes] = await Promise.all([
    trustOf(request),
    servicesOf(request),
    readFile(request.subject),
  ])
  const text = given(request['identity-token'], '--identity-token')
  const path = given(request.bundle, '--bundle')
  if (services.fulcio === undefined) throw new UsageError('Cannot sign: no certificate authority is named')
  const transport = createTransport()
  try {
    const token = async (): Promise<IdentityToken> => new IdentityToken(text)
    const signer = await keylessSigner({ fulcio: services.fulcio, token, transport })
    const content = request['in-toto']
      ? ({ kind: 'statement', payload: bytes } as const)
      : ({ kind: 'message', bytes } as const)
    const bundle = await signBundle(content, signer, witnessesOf(services, transport), { trust })
    await writeFile(path, JSON.stringify(bundle))
  } finally {
    await transport.close()
  }
}

async function servicesOf(request: ClientRequest): Promise<SigningServices> {
  const name = request['signing-config']
  if (name !== undefined) return readSigningConfig({ name, bytes: await readFile(name) })
  if (request.staging) throw new UsageError('Cannot sign at the staging instance without --signing-config')
  return publicGoodServices
}

async function trustOf(request: ClientRequest): Promise<TrustMaterial> {
  const name = request['trusted-root']
  if (name !== undefined) return readTrustedRoots([{ name, bytes: await readFile(name) }])
  if (request.staging) throw new UsageError('Cannot trust the staging instance without --trusted-root')
  return builtInTrust()
}

function given(value: string | undefined, flag: string): string {
  if (value === undefined) throw new UsageError(`Cannot do it without ${flag}`)
  return value
}
