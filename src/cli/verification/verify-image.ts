import type { OperationOptions } from '../../content/index.ts'
import {
  findManifest,
  type FoundManifest,
  type Location,
  type OpenedSource,
  type Places,
} from '../../images/index.ts'
import {
  type Evidence,
  findRule,
  githubOwners,
  type ImageCriteria,
  type ImageVerdict,
  judgeImage,
  type ProvedEvidence,
  type RejectedEvidence,
  type TrustMaterial,
  verifyEvidence,
} from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { imageName } from '../image-name.ts'
import { type AnsweredImage, answerOf, policyAnswerOf } from './answer-of.ts'
import { askAll, askInTurn } from './ask-in-turn.ts'
import { type EvidenceSource, evidenceSources } from './evidence-sources.ts'
import { namedReference } from './named-reference.ts'
import { signatureSource } from './signature-source.ts'
import { type SignedManifest, signedManifests } from './signed-manifests.ts'
import type { VerificationAnswer } from './verification-answer.ts'
import type { Policy, VerificationBasis } from './verification-basis.ts'
import type { VerifyFlags } from './verify-flags.ts'

/** What {@link verifyImage} works with. */
export interface VerifyImageRequest {
  readonly places: Places
  readonly basis: VerificationBasis
  readonly trust: TrustMaterial
  readonly readBundle: () => Promise<Uint8Array>
  /** Set where all evidence is wanted, and not only as much as is enough. */
  readonly onFound: ((found: readonly Evidence[]) => void) | undefined
}

/** Says whether one image was signed by whom it should be. */
export async function verifyImage(
  context: CliContext,
  flags: VerifyFlags,
  location: Location,
  request: VerifyImageRequest,
): Promise<VerificationAnswer> {
  const { signal } = context
  await using opened = await request.places.openSource(location, { signal })
  const root = await findManifest(opened.source, opened.name, { signal })
  const manifests = await signedManifests(opened.source, root, flags.platform, { signal })
  const work: ImageWork = {
    ...request,
    context,
    flags,
    opened,
    manifests,
    image: answeredImage(location, root),
  }
  switch (request.basis.kind) {
    case 'criteria':
      return await verifyByCriteria(work, request.basis.criteria)
    case 'policy':
      return await verifyByPolicy(work, request.basis, location)
    default:
      return request.basis satisfies never
  }
}

interface ImageWork extends VerifyImageRequest {
  readonly context: CliContext
  readonly flags: VerifyFlags
  readonly opened: OpenedSource
  readonly manifests: readonly SignedManifest[]
  readonly image: AnsweredImage
}

function answeredImage(
  location: Location,
  { descriptor: { digest, mediaType } }: FoundManifest,
): AnsweredImage {
  return { image: location.text, name: `${imageName(location)}@${digest}`, digest, mediaType }
}

async function verifyByCriteria(work: ImageWork, criteria: ImageCriteria): Promise<VerificationAnswer> {
  const { github } = criteria
  const owner = github?.repository === undefined ? github?.owner : `${github.owner}/${github.repository}`
  const sources = sourcesOf(work, {
    owners: owner === undefined ? [] : [owner],
    search: owner === undefined ? 'registry' : 'both',
  })
  const rejected: RejectedEvidence[] = []
  let satisfied: ProvedEvidence | undefined
  await ask(work, sources, async (found) => {
    const verdict = await verifyEvidence(found, criteria, work.trust, proveOptions(work))
    rejected.push(...verdict.rejected)
    satisfied = verdict.satisfied
    return satisfied !== undefined
  })
  return answerOf(work.image, work.manifests, { satisfied, rejected })
}

async function verifyByPolicy(
  work: ImageWork,
  { file, rules }: Policy,
  location: Location,
): Promise<VerificationAnswer> {
  const { flags, trust } = work
  const reference = namedReference(location, flags.as)
  const rule = findRule(rules, reference)?.rule
  const evidence: Evidence[] = []
  const judge = (): Promise<ImageVerdict> =>
    judgeImage({ reference, evidence, rules, trust, now: new Date(), ...proveOptions(work) })
  let verdict: ImageVerdict | undefined
  if (rule?.kind === 'signed') {
    const search = flags.from ?? rule.search
    const owners = githubOwners({ ...rule, search }, reference)
    const sources = sourcesOf(work, { owners, search: search ?? 'both' })
    await ask(work, sources, async (found) => {
      evidence.push(...found)
      verdict = await judge()
      return verdict.decision === 'verified'
    })
  }
  return policyAnswerOf(work.image, work.manifests, verdict ?? (await judge()), file)
}

function sourcesOf(
  { context, flags, manifests, opened, places, readBundle }: ImageWork,
  where: Pick<Parameters<typeof evidenceSources>[2], 'owners' | 'search'>,
): readonly EvidenceSource[] {
  return evidenceSources(context, flags, {
    source: signatureSource(context, flags, places, opened),
    subjects: manifests.map(({ digest }) => digest),
    readBundle,
    ...where,
  })
}

async function ask(
  { context, onFound }: ImageWork,
  sources: readonly EvidenceSource[],
  isEnough: (found: readonly Evidence[]) => Promise<boolean>,
): Promise<void> {
  if (onFound === undefined) {
    await askInTurn(sources, isEnough, { signal: context.signal })
    return
  }
  const found = await askAll(sources)
  onFound(found)
  await isEnough(found)
}

function proveOptions({
  context,
  manifests,
}: ImageWork): OperationOptions & { readonly manifests: ReadonlyMap<SignedManifest['digest'], Uint8Array> } {
  return { signal: context.signal, manifests: new Map(manifests.map(({ bytes, digest }) => [digest, bytes])) }
}
