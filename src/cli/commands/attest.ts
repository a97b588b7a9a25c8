import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { outputFlags } from '../output-flags.ts'
import { placeFlags } from '../place-flags.ts'
import type { AttestFlags } from '../signing/attest-image.ts'
import { signingAliases, signingFlags } from '../signing/signing-flags.ts'

export const verb: Verb = defineVerb<AttestFlags, [string]>({
  name: 'attest',
  brief: 'Sign a statement about an image: how it was built, what is in it',
  description: [
    'Signs an in-toto statement about the manifest that a digest names, and stores it as sign stores signatures. The predicate is a JSON',
    'object in a file. In GitHub Actions --type provenance makes the SLSA provenance of the job as actions/attest does, from what GitHub',
    "says of it and not from variables; --to github stores it where gh attestation verify looks, with GITHUB_TOKEN and the job's",
    "permission attestations: write, and signs what private repositories make with GitHub's own services.",
    '--json prints {image, name, digest, predicateType, signer, signatures}.',
  ].join('\n'),
  usage: 'IMAGE@DIGEST',
  examples: [
    {
      input: '--type provenance --to github ghcr.io/me/app@sha256:…',
      brief: 'how a job of GitHub Actions built it',
    },
    { input: '--type spdx --predicate sbom.spdx.json registry.example/app@sha256:…', brief: 'what is in it' },
    {
      input:
        '--key cosign.key --type https://example.com/tested/v1 --predicate - registry.example/app@sha256:…',
      brief: 'anything, from standard input',
    },
  ],
  parameters: {
    flags: {
      type: {
        kind: 'parsed',
        parse: String,
        placeholder: 'type',
        brief:
          'What is said: provenance, slsaprovenance1, slsaprovenance, spdx, spdxjson, cyclonedx, vuln, openvex, link or the URI of a type',
      },
      predicate: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file',
        brief: 'The predicate: a JSON object',
      },
      ...signingFlags,
      ...jsonFlag,
      ...placeFlags,
      ...outputFlags,
    },
    aliases: signingAliases,
    positional: { kind: 'tuple', parameters: [{ parse: String, brief: 'Image', placeholder: 'IMAGE' }] },
  },
  run: attest,
})

async function attest(context: CliContext, flags: AttestFlags, image: string): Promise<void> {
  const { attestImage } = await import('../signing/attest-image.ts')
  await attestImage(context, flags, image)
}
