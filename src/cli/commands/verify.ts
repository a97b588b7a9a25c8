import { parsePlatform } from '../../oci/index.ts'
import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { outputFlags } from '../output-flags.ts'
import { placeFlags } from '../place-flags.ts'
import { criteriaFlags } from '../verification/criteria-flags.ts'
import { sourceFlags } from '../verification/source-flags.ts'
import { trustFlags } from '../verification/trust-flags.ts'
import type { VerifyFlags } from '../verification/verify-flags.ts'

export const verb: Verb = defineVerb<VerifyFlags, string[]>({
  name: 'verify',
  brief: 'Say whether images were signed by whom they should be',
  description: [
    'Answers yes (exit code 0) when one signature or attestation of the image shows all that was asked for, no (1) when none does,',
    'and fails (3) when that could not be told: a listing that fails is never "none". Say whom to trust: --owner or --repo for',
    'workflows of GitHub Actions, --identity or --identity-pattern with --issuer, or --key. Without one of them the rules of the project',
    'decide, trust: in its lading.yaml (in this folder or the nearest above, up to the root of the repository); an image without a rule',
    'is a no. Without rules it shows who claims to have signed.',
    '',
    'Of several images, eight are looked at at once; the exit code is 1 only when all answers were had, and 3 when one was not.',
    '',
    "Looks at Sigstore bundles that refer to the image and at cosign's older tags .sig and .att; with --owner or --repo also at",
    'GitHub\'s attestations (GITHUB_TOKEN is sent where it is set). Without --type only what says "I made this" counts: signatures and',
    'SLSA provenance, and with --owner or --repo SLSA provenance v1 alone, as gh has it. Of an index the index itself has to be signed;',
    "with --platform a signature of that platform's manifest will do.",
    '',
    "cosign's --certificate-identity, --certificate-identity-regexp (where a glob says the same) and --certificate-oidc-issuer, and gh's",
    '--predicate-type, --bundle-from-oci and --custom-trusted-root are taken too. --json prints {image, name, digest, mediaType, verified,',
    'satisfied, rejected}, with policy where rules decided, and for several images {images: […], errors: […]}.',
  ].join('\n'),
  usage: 'IMAGE…',
  examples: [
    { input: '--owner astral-sh ghcr.io/astral-sh/uv:0.9', brief: "built by one of the owner's workflows" },
    {
      input: '--identity me@example.com --issuer https://accounts.google.com registry.example/app:1',
      brief: 'signed by a person',
    },
    { input: '--key cosign.pub registry.example/app:1', brief: 'signed with a key' },
    {
      input: 'ghcr.io/acme/app:1 python:3.14',
      brief: 'by the rules of the project, in its lading.yaml',
    },
    {
      input: '--repo astral-sh/uv --source-ref refs/tags/0.9.0 --json ghcr.io/astral-sh/uv:0.9.0',
      brief: 'from one tag of one repository, for programs',
    },
  ],
  parameters: {
    flags: {
      ...criteriaFlags,
      ...sourceFlags,
      ...trustFlags,
      policy: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file',
        brief: 'Read the rules of trust from this file; default: the lading.yaml of the project',
      },
      as: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'name',
        brief: 'With a policy: take the rule for this name, where an image in a folder or file has none',
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
    positional: {
      kind: 'array',
      minimum: 1,
      parameter: { parse: String, brief: 'Image', placeholder: 'IMAGE' },
    },
  },
  run: verify,
})

async function verify(context: CliContext, flags: VerifyFlags, ...images: string[]): Promise<void> {
  const { verifyImages } = await import('../verification/verify-images.ts')
  await verifyImages(context, flags, images)
}
