import { createPublicKey } from 'node:crypto'
import { toTrustMaterial, type TrustMaterial as EngineTrust } from '@sigstore/verify'
import * as v from 'valibot'
import { derChildren, type DerValue, readDer } from '../bundle/read-der.ts'
import { firstIssue } from '../bundle/first-issue.ts'
import { InvalidTrustRootError } from '../errors.ts'
import { checkTimestampSigner } from './check-timestamp-signer.ts'
import { keepCertificate } from './keep-certificate.ts'
import type { TrustRoot } from './trust-material.ts'
import {
  type AuthorityDocument,
  type LogDocument,
  type TrustedRootDocument,
  trustedRootSchema,
  type ValidityDocument,
} from './trusted-root-schema.ts'

/**
 * A trust root out of the JSON of a `trusted_root.json`.
 *
 * How much must be proved under it follows from what it has, as with `gh attestation verify --custom-trusted-root`: a
 * root with certificate logs asks for a signed certificate timestamp, one with transparency logs for an entry. A time
 * is always asked for. A root of `sigstore.dev` always asks for both, whatever was left out of its file.
 *
 * @throws {InvalidTrustRootError} naming what is missing or cannot be read.
 */
export function trustRootOf(json: unknown, name: string): TrustRoot {
  const result = v.safeParse(trustedRootSchema, json, { abortEarly: true })
  if (!result.success) throw new InvalidTrustRootError(name, firstIssue(result.issues))
  const document = result.output
  if (document.tlogs.length + document.timestampAuthorities.length === 0)
    throw new InvalidTrustRootError(name, 'it has neither a transparency log nor a time-stamping authority')
  try {
    const authorities = document.certificateAuthorities.flatMap(({ certChain }) => certChain.certificates)
    const subjects = authorities.map(({ rawBytes }) => subjectOf(Buffer.from(rawBytes, 'base64')))
    for (const { certChain } of document.timestampAuthorities)
      checkTimestampSigner(Buffer.from(certChain.certificates[0]?.rawBytes ?? '', 'base64'))
    const isPublicGood = subjects.some((subject) => subject.includes(publicGoodOrganization))
    return {
      name,
      engine: keptMaterial(toTrustMaterial(engineRoot(document))),
      authorityNames: subjects,
      certificateLogs: isPublicGood || document.ctlogs.length > 0 ? 1 : 0,
      logs: isPublicGood || document.tlogs.length > 0 ? 1 : 0,
    }
  } catch (error) {
    throw new InvalidTrustRootError(
      name,
      `a key or certificate in it cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
}

/** O=sigstore.dev, as an attribute of a distinguished name up to its string's type. */
const publicGoodOrganization = Buffer.from('sigstore.dev', 'latin1')

function subjectOf(certificate: Buffer): Buffer {
  const [toBeSigned] = derChildren(readDer(certificate))
  const subject = toBeSigned === undefined ? undefined : derChildren(toBeSigned)[5]
  if (subject?.tag !== 0x30) throw new Error('a certificate has no subject')
  return subject.whole
}

function keptMaterial(material: EngineTrust): EngineTrust {
  for (const { certChain } of [...material.certificateAuthorities, ...material.timestampAuthorities])
    for (const certificate of certChain) keepCertificate(certificate)
  return material
}

type EngineRoot = Parameters<typeof toTrustMaterial>[0]

function engineRoot(document: TrustedRootDocument): EngineRoot {
  return {
    mediaType: document.mediaType,
    tlogs: document.tlogs.map(engineLog),
    ctlogs: document.ctlogs.map(engineLog),
    certificateAuthorities: document.certificateAuthorities.map(engineAuthority),
    timestampAuthorities: document.timestampAuthorities.map(engineAuthority),
  }
}

function engineLog({ baseUrl, publicKey, logId, checkpointKeyId }: LogDocument): EngineRoot['tlogs'][number] {
  return {
    baseUrl,
    hashAlgorithm: sha256,
    operator: '',
    publicKey: {
      rawBytes: spkiOf(Buffer.from(publicKey.rawBytes, 'base64')),
      keyDetails: spkiKey,
      validFor: engineValidity(publicKey.validFor),
    },
    logId: { keyId: Buffer.from(logId.keyId, 'base64') },
    checkpointKeyId: checkpointKeyId ? { keyId: Buffer.from(checkpointKeyId.keyId, 'base64') } : undefined,
  }
}

/** The protobuf numbers of SHA2_256, and of a key detail that the engine takes to mean SubjectPublicKeyInfo. */
const sha256 = 1
const spkiKey = 5

/** RSA keys stand in trusted roots as PKCS#1 too; everything else is SubjectPublicKeyInfo. */
function spkiOf(rawBytes: Buffer): Buffer {
  const type = isPkcs1(readDer(rawBytes)) ? 'pkcs1' : 'spki'
  return createPublicKey({ key: rawBytes, format: 'der', type }).export({ format: 'der', type: 'spki' })
}

/** RSAPublicKey begins with an INTEGER, SubjectPublicKeyInfo with a SEQUENCE. */
function isPkcs1(key: DerValue): boolean {
  return derChildren(key)[0]?.tag === 0x02
}

function engineAuthority({
  certChain,
  validFor,
}: AuthorityDocument): EngineRoot['certificateAuthorities'][number] {
  return {
    subject: undefined,
    uri: '',
    operator: '',
    certChain: {
      certificates: certChain.certificates.map(({ rawBytes }) => ({
        rawBytes: Buffer.from(rawBytes, 'base64'),
      })),
    },
    validFor: engineValidity(validFor),
  }
}

function engineValidity({ start, end }: ValidityDocument): { start: Date; end: Date | undefined } {
  return { start, end: end ?? undefined }
}
