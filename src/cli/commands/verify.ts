import { findManifest, parseLocation } from '../../images/index.ts'
import { parsePlatform, type Platform } from '../../oci/index.ts'
import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { imageName } from '../image-name.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { type PlaceFlags, placeFlags } from '../place-flags.ts'
import { readInput } from '../read-input.ts'
import { verificationLines } from '../render/verification-lines.ts'
import { answerOf } from '../verification/answer-of.ts'
import { evidenceSources, type SourceFlags } from '../verification/evidence-sources.ts'
import { type CriteriaFlags, criteriaFlags, imageCriteria } from '../verification/image-criteria.ts'
import { refuseWithoutCriteria } from '../verification/refuse-without-criteria.ts'
import { saveBundles } from '../verification/save-bundles.ts'
import { signedManifests } from '../verification/signed-manifests.ts'
import { type TrustFlags, trustFlags, trustOf } from '../verification/trust-flags.ts'
import type { VerificationAnswer } from '../verification/verification-answer.ts'
import { verifyAll, verifyInTurn } from '../verification/verify-sources.ts'
import { withPlaces } from '../with-places.ts'

type Flags = OutputFlags &
  PlaceFlags &
  CriteriaFlags &
  SourceFlags &
  TrustFlags & {
    readonly saveBundles?: string | undefined
    readonly platform?: Platform | undefined
    readonly quiet?: boolean | undefined
    readonly json?: boolean | undefined
  }

export const verb: Verb = defineVerb<Flags, [string]>({
  name: 'verify',
  brief: 'Say whether an image was signed by whom it should be',
  description: [
    'Answers yes (exit code 0) when one signature or attestation of the image shows all that was asked for, no (1) when none does,',
    'and fails (3) when that could not be told: a listing that fails is never "none". Say whom to trust: --owner or --repo for',
    'workflows of GitHub Actions, --identity or --identity-pattern with --issuer, or --key. Without one of them it shows who',
    'claims to have signed.',
    '',
    "Looks at Sigstore bundles that refer to the image and at cosign's older tags .sig and .att; with --owner or --repo also at",
    'GitHub\'s attestations (GITHUB_TOKEN is sent where it is set). Without --type only what says "I made this" counts: signatures',
    'and, with --owner or --repo, SLSA provenance v1 alone. Of an index the index has to be signed; with --platform its manifest will do.',
    '',
    "cosign's --certificate-identity, --certificate-identity-regexp (where a glob says the same) and --certificate-oidc-issuer, and gh's",
    '--predicate-type, --bundle-from-oci and --custom-trusted-root are taken too. --json prints {image, name, digest, mediaType, verified,',
    'satisfied, rejected}.',
  ].join('\n'),
  usage: 'IMAGE',
  examples: [
    { input: '--owner astral-sh ghcr.io/astral-sh/uv:0.9', brief: "built by one of the owner's workflows" },
    {
      input: '--identity me@example.com --issuer https://accounts.google.com registry.example/app:1',
      brief: 'signed by a person',
    },
    { input: '--key cosign.pub registry.example/app:1', brief: 'signed with a key' },
    {
      input: '--repo astral-sh/uv --source-ref refs/tags/0.9.0 --json ghcr.io/astral-sh/uv:0.9.0',
      brief: 'from one tag of one repository, for programs',
    },
  ],
  parameters: {
    flags: {
      ...criteriaFlags,
      from: {
        kind: 'enum',
        values: ['registry', 'github', 'both'],
        optional: true,
        brief: 'Where to look; without it: where the image is, and with --owner or --repo at GitHub too',
      },
      bundleFromOci: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        hidden: true,
        brief: '--from registry',
      },
      bundle: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file',
        brief: 'Look at the Sigstore bundles in this file alone: one as JSON, or one on each line',
      },
      ...trustFlags,
      offline: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Touch no network but the place that the image is in',
      },
      saveBundles: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file',
        brief: 'Write all bundles that were found to this file, to be verified later with --bundle',
      },
      platform: {
        kind: 'parsed',
        parse: parsePlatform,
        optional: true,
        placeholder: 'os/arch[/variant]',
        brief: 'Of an index: be content with a signature of this platform too',
      },
      quiet: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Print NAME@DIGEST of what was verified and nothing else',
      },
      ...jsonFlag,
      ...placeFlags,
      ...outputFlags,
    },
    aliases: { q: 'quiet' },
    positional: { kind: 'tuple', parameters: [{ parse: String, brief: 'Image', placeholder: 'IMAGE' }] },
  },
  run: verify,
})

async function verify(context: CliContext, flags: Flags, image: string): Promise<void> {
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

function show({ output }: CliContext, flags: Flags, answer: VerificationAnswer): void {
  if (flags.json === true) output.json(answer)
  else if (flags.quiet !== true || !answer.verified)
    for (const line of verificationLines(answer, { style: output.style, width: output.width }))
      output.line(line)
  else output.line(answer.name)
  if (!answer.verified) output.exitWith(1)
}
