import { findManifest, parseLocation } from '../../images/index.ts'
import type { CliContext } from '../context.ts'
import { imageName } from '../image-name.ts'
import { readInput } from '../read-input.ts'
import { verificationLines } from '../render/verification-lines.ts'
import { withPlaces } from '../with-places.ts'
import { answerOf } from './answer-of.ts'
import { evidenceSources } from './evidence-sources.ts'
import { imageCriteria } from './image-criteria.ts'
import { refuseWithoutCriteria } from './refuse-without-criteria.ts'
import { saveBundles } from './save-bundles.ts'
import { signedManifests } from './signed-manifests.ts'
import { trustOf } from './trust-of.ts'
import type { VerificationAnswer } from './verification-answer.ts'
import type { VerifyFlags } from './verify-flags.ts'
import { verifyAll, verifyInTurn } from './verify-sources.ts'

/** Says whether an image was signed by whom it should be; a no sets the exit code 1. */
export async function verifyImage(context: CliContext, flags: VerifyFlags, image: string): Promise<void> {
  const { signal } = context
  const location = parseLocation(image)
  const criteria = await imageCriteria(flags, { read: (path, limit) => readInput(context, path, limit) })
  const trust = await trustOf(context, flags)
  await withPlaces(context, flags, [location], async ({ places }) => {
    await using opened = await places.openSource(location, { signal })
    const root = await findManifest(opened.source, opened.name, { signal })
    const manifests = await signedManifests(opened.source, root, flags.platform, { signal })
    const sources = evidenceSources(context, flags, {
      source: opened.source,
      subjects: manifests.map(({ digest }) => digest),
      github: criteria?.github,
    })
    if (criteria === undefined) return await refuseWithoutCriteria(context, image, sources)

    const request = { manifests, criteria, trust, signal }
    const { saveBundles: file } = flags
    const verdict =
      file === undefined
        ? await verifyInTurn(sources, request)
        : await verifyAll(sources, request, (found) => saveBundles(context, file, found))
    const { digest, mediaType } = root.descriptor
    const name = `${imageName(location)}@${digest}`
    show(context, flags, answerOf({ image, name, digest, mediaType }, manifests, verdict))
  })
}

function show({ output }: CliContext, flags: VerifyFlags, answer: VerificationAnswer): void {
  if (!answer.verified) output.exitWith(1)
  if (flags.json === true) return output.json(answer)
  if (flags.quiet === true && answer.verified) return output.line(answer.name)
  const lines = verificationLines(answer, { style: output.style, width: output.width })
  // Standard output has the one value that was asked for, or nothing.
  for (const line of lines)
    if (flags.quiet === true) output.note(line)
    else output.line(line)
  const advice = answer.rejected.some(({ check }) => check === 'trust-root') ? rootAdvice : undefined
  if (advice !== undefined && !answer.verified) output.note(`${output.errorStyle.dim('  try:')} ${advice}`)
}

const rootAdvice =
  "--trusted-root FILE with the root that the authority is of; GitHub's for private repositories is in `gh attestation trusted-root`"
