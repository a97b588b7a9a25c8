import { readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type RandomChoices, randomChoices } from '../../../test/faults/random-choices.ts'
import { pathsIn, setAt, valueAt } from '../../../test/fixtures/json-path.ts'
import { conformanceNames, readConformanceCase } from '../../../test/fixtures/sigstore-conformance.ts'
import { keyPair, publicPem } from '../../../test/fixtures/sigstore/key-pair.ts'
import {
  exampleIdentity,
  exampleIssuer,
  type SignOptions,
  sigstoreInstance,
  statementAbout,
} from '../../../test/fixtures/sigstore/sigstore-instance.ts'
import { digestHex, digestOf } from '../../oci/index.ts'
import { type DerValue, derChildren, readDer } from '../bundle/read-der.ts'
import { NotVerifiedError } from '../errors.ts'
import { builtInTrust } from '../trust/built-in-trust.ts'
import { readTrustedRoots } from '../trust/read-trusted-roots.ts'
import type { TrustMaterial } from '../trust/trust-material.ts'
import type { Artifact, SignerPolicy, Verified } from '../types.ts'
import { verifyBundle } from './verify-bundle.ts'

/** Changes by chance of each bundle; LADING_MUTATIONS says how many, where more time is at hand. */
const mutationsOfEach = Number(process.env['LADING_MUTATIONS'] ?? 30)

/**
 * All that may change without changing the answer: no signature and no answer is about it. Whatever else is changed
 * must lead to a no.
 */
const meaningless: readonly [reason: string, is: (change: Change) => boolean][] = [
  [
    'a field that is left out and held what protobuf takes for it: zero, or an empty list',
    ({ before, after }) =>
      (after === undefined || after === null) && (before === '0' || isDeepStrictEqual(before, [])),
  ],
  ['a hint at which key it is; the key is the one that was asked for', at(/\.publicKey\.hint$/)],
  ["an envelope's name for its key, which is in no signature", at(/^dsseEnvelope\.signatures\.0\.keyid$/)],
  [
    'further certificates of a chain: the trust root has the chain',
    at(/\.x509CertificateChain\.certificates\.[1-9]/),
  ],
  ['another version of the format whose rules the bundle keeps too', at(/^mediaType$/)],
  [
    'an index or time beside an entry whose log signed neither (it is in the tree, and a timestamp tells the time)',
    ({ path, bundle }) => {
      const [, entry] = /^(.*tlogEntries\.\d+)\.(?:logIndex|integratedTime)$/.exec(path) ?? []
      return entry !== undefined && valueAt(bundle, `${entry}.inclusionPromise`) === undefined
    },
  ],
  [
    "a signature of somebody else on a log's checkpoint, or the name on a line that stays within the log's URL",
    ({ path, before, after }) =>
      path.endsWith('.checkpoint.envelope') &&
      typeof before === 'string' &&
      typeof after === 'string' &&
      before.split('\n\n')[0] === after.split('\n\n')[0] &&
      signatureBytes(after).some((one) => signatureBytes(before).includes(one)),
  ],
  [
    'what wraps a timestamp: CMS versions, lists of algorithms and certificates that nobody reads, tags of what is found by its place',
    ({ path, before, after }) => path.endsWith('.signedTimestamp') && isWrapping(before, after),
  ],
]

interface Change {
  readonly path: string
  readonly before: unknown
  /** Undefined where it was taken away. */
  readonly after: unknown
  /** All of it, changed. */
  readonly bundle: unknown
}

interface Subject {
  readonly bundle: unknown
  readonly artifact: Artifact
  readonly policy: SignerPolicy
  readonly trust: TrustMaterial
}

describe(
  'of a bundle that verifies, no change verifies but those without meaning',
  { timeout: 120_000 },
  () => {
    const bytes = Buffer.from('what is signed')
    const statement = statementAbout({ sha256: digestHex(digestOf(bytes)) })
    const key = keyPair()
    const own: Readonly<Record<string, SignOptions>> = {
      'bytes, Rekor v1': { content: { bytes } },
      'bytes, Rekor v2': { content: { bytes }, logged: 'hashedrekord 0.0.2', time: 'authority' },
      'a statement, Rekor v1, two times': { content: { statement }, time: 'both' },
      'a statement, intoto': { content: { statement }, logged: 'intoto 0.0.2' },
      'a statement, Rekor v2': { content: { statement }, logged: 'dsse 0.0.2', time: 'authority' },
      'bytes, a key': { content: { bytes }, key },
    }
    test.each(Object.entries(own))('%s', async (name, options) => {
      const instance = sigstoreInstance()
      const unexplained = await unexplainedChanges(name, {
        bundle: instance.sign(options),
        artifact: { digests: [digestOf(bytes)] },
        policy:
          options.key === undefined
            ? identityPolicy(exampleIdentity, exampleIssuer)
            : { kind: 'key', publicKeyPem: publicPem(key) },
        trust: trustIn(Buffer.from(JSON.stringify(instance.trustedRoot))),
      })
      expect(unexplained).toEqual([])
    })

    test("GitHub's instance", async () => {
      const instance = sigstoreInstance({ organization: 'GitHub, Inc.', logs: false })
      const unexplained = await unexplainedChanges('GitHub', {
        bundle: instance.sign({ content: { statement } }),
        artifact: { digests: [digestOf(bytes)] },
        policy: identityPolicy(exampleIdentity, exampleIssuer),
        trust: trustIn(Buffer.from(JSON.stringify(instance.trustedRoot))),
      })
      expect(unexplained).toEqual([])
    })

    for (const name of conformanceNames().filter((one) => !one.endsWith('_fail'))) {
      test(`the suite's ${name}`, async () => {
        const one = await readConformanceCase(name)
        const unexplained = await unexplainedChanges(name, {
          bundle: JSON.parse(await readFile(one.bundlePath, 'utf8')),
          artifact: { digests: [digestOf(await readFile(one.artifactPath))] },
          policy:
            one.keyPath === undefined
              ? identityPolicy(one.identity, one.issuer)
              : { kind: 'key', publicKeyPem: await readFile(one.keyPath, 'utf8') },
          trust:
            one.trustedRootPath === undefined
              ? await builtInTrust()
              : trustIn(await readFile(one.trustedRootPath)),
        })
        expect(unexplained).toEqual([])
      })
    }
  },
)

/** Changes a bundle in many ways, one at a time; gives those that led neither to a no nor to a reason of the list. */
async function unexplainedChanges(
  name: string,
  { bundle, artifact, policy, trust }: Subject,
): Promise<unknown[]> {
  const answer = await verifyBundle(bundle, artifact, policy, trust)
  const choices = randomChoices(digestOf(Buffer.from(name)).charCodeAt(10))
  const unexplained: unknown[] = []
  for (const change of changes(bundle, choices)) {
    const answered = await answerTo(change, { artifact, policy, trust })
    if (answered === undefined || isExplained(change, answer, answered)) continue
    unexplained.push({ path: change.path, before: change.before, after: change.after })
  }
  return unexplained
}

async function answerTo(
  { bundle }: Change,
  { artifact, policy, trust }: Omit<Subject, 'bundle'>,
): Promise<Verified | undefined> {
  try {
    return await verifyBundle(bundle, artifact, policy, trust)
  } catch (error) {
    if (error instanceof NotVerifiedError) return undefined
    throw error
  }
}

/** Without meaning, and the answer is the same; or a proof more than is asked for was taken away, and the answer lacks it. */
function isExplained(change: Change, answer: Verified, answered: Verified): boolean {
  if (isDeepStrictEqual(answered, answer) && meaningless.some(([, is]) => is(change))) return true
  const isProof =
    /\.(?:inclusionPromise|inclusionProof|timestampVerificationData|rfc3161Timestamps(?:\.\d+)?)$/
  return (
    (change.after === undefined || change.after === null) &&
    isProof.test(change.path) &&
    isDeepStrictEqual({ ...answered, times: [], logEntries: [] }, { ...answer, times: [], logEntries: [] }) &&
    (answered.times.length > 0 || answered.signer.kind === 'key') &&
    answered.logEntries.length === answer.logEntries.length
  )
}

function* changes(bundle: unknown, choices: RandomChoices): Generator<Change> {
  const paths = pathsIn(bundle)
  // Everything is taken away once; the rest is chance.
  for (const path of paths) yield changed(bundle, path, choices.one([undefined, null]))
  const leaves = paths.filter((path) => typeof valueAt(bundle, path) === 'string')
  const [first = '', ...more] = leaves
  for (let count = 0; count < mutationsOfEach; count++) {
    const path = choices.one([first, ...more])
    const before = String(valueAt(bundle, path))
    const after = choices.one([changedByte, changedByte, changedByte, changedCharacter, shorter, longer])(
      before,
      choices,
    )
    if (after !== before) yield changed(bundle, path, after)
  }
}

function changed(bundle: unknown, path: string, after: unknown): Change {
  const copy: unknown = structuredClone(bundle)
  setAt(copy, path, after)
  return { path, before: valueAt(bundle, path), after, bundle: copy }
}

/** One bit of what the base64 says, or of the text where it is none. */
function changedByte(text: string, choices: RandomChoices): string {
  const decoded = Buffer.from(text, 'base64')
  const isBase64 = decoded.toString('base64') === text
  const bytes = isBase64 ? decoded : Buffer.from(text)
  const index = choices.number(bytes.length)
  bytes[index] = (bytes[index] ?? 0) ^ (1 << choices.number(isBase64 ? 8 : 6))
  return bytes.toString(isBase64 ? 'base64' : 'utf8')
}

function changedCharacter(text: string, choices: RandomChoices): string {
  const index = choices.number(text.length)
  return text.slice(0, index) + choices.one(['0', '9', 'A', 'z', '=', '\n', ' ', '-']) + text.slice(index + 1)
}

function shorter(text: string, choices: RandomChoices): string {
  const index = choices.number(text.length)
  return text.slice(0, index) + text.slice(index + 1 + choices.number(4))
}

function longer(text: string, choices: RandomChoices): string {
  const index = choices.number(text.length + 1)
  return text.slice(0, index) + choices.one(['0', 'A', 'AAAA', ' ', '\n', text]) + text.slice(index)
}

function at(
  pattern: RegExp,
  condition: (change: Change) => boolean = () => true,
): (change: Change) => boolean {
  return (change) => pattern.test(change.path) && condition(change)
}

function signatureBytes(checkpoint: string): string[] {
  return (checkpoint.split('\n\n')[1] ?? '').split('\n').flatMap((line) => line.split(' ')[2] ?? [])
}

/** Whether two timestamps hold the same statement, signed attributes, signature and signer. */
function isWrapping(before: unknown, after: unknown): boolean {
  if (typeof before !== 'string' || typeof after !== 'string') return false
  return isDeepStrictEqual(timestampParts(before), timestampParts(after))
}

/** RFC 5652 sections 5.1 and 5.3. */
function timestampParts(encoded: string): string[] {
  const signedData = child(readDer(Buffer.from(encoded, 'base64')), 1, 1, 0)
  const signerInfo = child(signedData, -1, 0)
  return [
    child(signedData, 2, 1, 0).content,
    // Which certificate: a hint; the signature is held against the one in the trust root.
    child(signerInfo, 1, 0).content,
    child(signerInfo, 1, 1).content,
    child(signerInfo, 3).content,
    child(signerInfo, 5).content,
  ].map((part) => part.toString('hex'))
}

function child(value: DerValue, ...places: readonly number[]): DerValue {
  let inside: DerValue | undefined = value
  for (const place of places) inside = inside === undefined ? undefined : derChildren(inside).at(place)
  if (inside === undefined) throw new Error('a timestamp has another structure')
  return inside
}

function identityPolicy(identity: string, issuer: string): SignerPolicy {
  return { kind: 'identity', identity: { exact: identity }, issuer: { exact: issuer } }
}

function trustIn(bytes: Buffer): TrustMaterial {
  return readTrustedRoots([{ name: 'its own', bytes }])
}
