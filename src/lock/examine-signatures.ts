import { type OperationOptions, type Source, UnavailableError } from '../content/index.ts'
import type { Digest, Reference } from '../oci/index.ts'
import {
  ArtifactBytesNeededError,
  type Evidence,
  EvidenceBudget,
  findRule,
  githubOwners,
  type ImageVerdict,
  judgeImage,
  type MatchedRule,
  placeEvidence,
  type SignerPolicy,
  type TrustMaterial,
  type TrustRule,
  type TrustRules,
  verifyEvidence,
} from '../signing/index.ts'
import type { SignatureFacts } from './decide-signatures.ts'
import type { RememberedSigner, SearchedPlace } from './lock.ts'
import { compareSigners } from './remembered-signer.ts'
import { type VerifiedSignature, verifiedSignature } from './verified-signature.ts'

/** With what signatures are looked for and judged. */
export interface SignatureOptions {
  readonly rules: TrustRules
  /** Public keys that are tried on what has no certificate, where no rule says whose it has to be. Default: none are. */
  readonly keys?: readonly Extract<SignerPolicy, { readonly kind: 'key' }>[] | undefined
  /** Read when there is something to verify. */
  readonly trust: () => Promise<TrustMaterial>
  /** Asks GitHub's attestation store; undefined where it is not asked. */
  readonly askGithub: ((question: GithubQuestion) => Promise<readonly Evidence[]>) | undefined
  /** The time that ages are measured by. */
  readonly now: Date
}

/** What GitHub's attestation store is asked. */
export interface GithubQuestion extends OperationOptions {
  /** `OWNER` or `OWNER/NAME`. */
  readonly owner: string
  readonly subject: Digest
  readonly budget: EvidenceBudget
}

/** An image whose signatures are looked at. */
export interface ExaminedImage {
  readonly reference: Reference
  readonly source: Source
  readonly digest: Digest
  /** Of the index or manifest. */
  readonly bytes: Uint8Array
  /** Who signed images of its repository so far. */
  readonly signers: readonly RememberedSigner[]
}

/** What was found out, and how many signatures there are that do not verify or say nothing about who made the image. */
export interface Examination {
  readonly facts: SignatureFacts
  readonly rejected: number
}

/**
 * Looks for an image's signatures, in its own repository and then, where that does not suffice, in GitHub's attestation store (images of
 * ghcr.io, and where a rule says so), and verifies them.
 *
 * @throws when a place does not say what it has: that is not "there is none". Where nobody is known for the repository and no rule is for
 *   it, a 404 of GitHub, which it gives also where there are none, leaves GitHub out of what was searched.
 */
export async function examineSignatures(
  image: ExaminedImage,
  options: SignatureOptions & OperationOptions,
): Promise<Examination> {
  const matched = findRule(options.rules, image.reference)
  if (matched === undefined && options.rules.default === 'require')
    return { facts: { kind: 'rule-missing' }, rejected: 0 }
  if (matched?.rule.kind === 'unsigned')
    return { facts: { kind: 'rule-allows-unsigned', rule: matched.pattern.text }, rejected: 0 }

  const search = new Search(image, matched?.rule, options)
  let examination: Examination | undefined
  for await (const found of search.places()) {
    const state = { evidence: found, searched: search.searched }
    examination = await examine(image, matched, state, options)
    if (isEnough(examination.facts, image)) return examination
  }
  return examination ?? { facts: { kind: 'found', searched: [], verified: [] }, rejected: 0 }
}

/**
 * Verifies a signature that was kept, without network; undefined where it does not let the image in, so that the places have to be asked.
 *
 * @param found the signature, and what the lock says was searched for it
 */
export async function examineKept(
  image: Omit<ExaminedImage, 'source' | 'bytes'>,
  found: Found,
  options: SignatureOptions & OperationOptions,
): Promise<Examination | undefined> {
  const matched = findRule(options.rules, image.reference)
  if (matched?.rule.kind === 'unsigned') return undefined
  if (matched === undefined && options.rules.default === 'require') return undefined
  try {
    const examination = await examine(image, matched, found, options)
    return isEnough(examination.facts, image) ? examination : undefined
  } catch (error) {
    if (error instanceof ArtifactBytesNeededError) return undefined
    throw error
  }
}

function examine(
  image: ReadImage,
  matched: MatchedRule | undefined,
  found: Found,
  options: SignatureOptions & OperationOptions,
): Promise<Examination> {
  return matched === undefined
    ? examineAny(image, found, options)
    : examineByRule(image, matched.pattern.text, found, options)
}

/** Without its bytes a signature of Ed25519 over them cannot be verified. */
type ReadImage = Pick<ExaminedImage, 'digest' | 'reference'> & { readonly bytes?: Uint8Array | undefined }

interface Found {
  readonly evidence: readonly Evidence[]
  readonly searched: readonly SearchedPlace[]
}

/** The places of an image in turn; each gives all that was found so far. */
class Search {
  readonly searched: SearchedPlace[] = []
  readonly #image: ExaminedImage
  readonly #rule: TrustRule | undefined
  readonly #options: SignatureOptions & OperationOptions
  readonly #budget = new EvidenceBudget()

  constructor(
    image: ExaminedImage,
    rule: TrustRule | undefined,
    options: SignatureOptions & OperationOptions,
  ) {
    this.#image = image
    this.#rule = rule
    this.#options = options
  }

  async *places(): AsyncGenerator<readonly Evidence[]> {
    const { signal } = this.#options
    const { digest, source } = this.#image
    let all: readonly Evidence[] = []
    if (this.#rule?.kind !== 'signed' || this.#rule.search !== 'github') {
      all = await placeEvidence(source, digest, { budget: this.#budget, signal })
      this.searched.push('registry')
      yield all
    }
    const atGithub = await this.#github()
    if (atGithub !== undefined) yield [...all, ...atGithub]
  }

  async #github(): Promise<readonly Evidence[] | undefined> {
    const { askGithub, signal } = this.#options
    const owners = askGithub === undefined ? [] : githubOwners(this.#rule, this.#image.reference)
    if (askGithub === undefined || owners.length === 0) return undefined
    const { digest: subject, signers } = this.#image
    try {
      const found = await Promise.all(
        owners.map((owner) => askGithub({ owner, subject, budget: this.#budget, signal })),
      )
      this.searched.push('github')
      return found.flat()
    } catch (error) {
      const isUnsaid = error instanceof UnavailableError && error.status === 404
      if (isUnsaid && this.#rule === undefined && signers.length === 0) return undefined
      throw error
    }
  }
}

async function examineAny(
  { bytes, digest }: ReadImage,
  { evidence, searched }: Found,
  options: SignatureOptions & OperationOptions,
): Promise<Examination> {
  const signers: readonly SignerPolicy[] = [{ kind: 'unsafeAnyIdentity' }, ...(options.keys ?? [])]
  const verified: VerifiedSignature[] = []
  const manifests = bytes === undefined ? undefined : new Map([[digest, bytes]])
  for (const one of evidence) {
    const trust = await options.trust()
    for (const signer of signers) {
      const { satisfied } = await verifyEvidence([one], { signer }, trust, {
        manifests,
        signal: options.signal,
      })
      if (satisfied === undefined) continue
      verified.push(verifiedSignature(satisfied))
      break
    }
  }
  const facts = { kind: 'found', searched: [...searched], verified } as const
  return { facts, rejected: evidence.length - verified.length }
}

async function examineByRule(
  { bytes, digest, reference }: ReadImage,
  rule: string,
  { evidence, searched }: Found,
  { now, rules, signal, trust }: SignatureOptions & OperationOptions,
): Promise<Examination> {
  const manifests = bytes === undefined ? undefined : new Map([[digest, bytes]])
  const verdict = await judgeImage({
    reference,
    evidence,
    rules,
    trust: await trust(),
    now,
    manifests,
    signal,
  })
  if (verdict.decision === 'verified') {
    const by = verdict.fulfilled.map(({ proved }) => verifiedSignature(proved))
    return {
      facts: { kind: 'rule-fulfilled', rule, searched: [...searched], by },
      rejected: verdict.rejected.length,
    }
  }
  return { facts: { kind: 'rule-refused', rule, reasons: reasonsOf(verdict) }, rejected: 0 }
}

function reasonsOf(verdict: ImageVerdict): readonly string[] {
  if (verdict.decision !== 'refused') return ['nothing shows that it is fulfilled']
  const failures = verdict.rejected.map(({ failure }) => failure.message)
  return [...verdict.missing.map((missing) => `not there: ${missing}`), ...new Set(failures)]
}

/** Whether what was found lets the image in, so that nobody else has to be asked. */
function isEnough(facts: SignatureFacts, { signers }: Pick<ExaminedImage, 'signers'>): boolean {
  if (facts.kind !== 'found') return facts.kind === 'rule-fulfilled'
  return facts.verified.some(
    ({ signer }) =>
      signers.length === 0 || signers.some((one) => compareSigners(one, signer) !== 'different'),
  )
}
