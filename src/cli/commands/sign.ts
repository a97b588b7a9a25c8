import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { outputFlags } from '../output-flags.ts'
import { placeFlags } from '../place-flags.ts'
import type { SignFlags } from '../signing/sign-image.ts'
import { signingAliases, signingFlags } from '../signing/signing-flags.ts'

export const verb: Verb = defineVerb<SignFlags, [string]>({
  name: 'sign',
  brief: 'Sign an image, with an identity or a key',
  description: [
    'Signs the manifest that a digest names and stores the signature beside it, as a Sigstore bundle that refers to it: what cosign and',
    'lading verify read. A tag can be moved between the push and the signature, so it is refused, except on a terminal, where the digest',
    'is shown and asked for. Without --key the identity is that of the job (GitHub Actions, GitLab with SIGSTORE_ID_TOKEN, Buildkite), of',
    '--identity-token, or of the person who logs in at the page that is shown; a certificate and a public log say so for ever. The',
    'password of an encrypted key is asked for, or taken from LADING_KEY_PASSWORD or COSIGN_PASSWORD.',
    '',
    'What is made is verified before it is stored. An image that is signed already gets one signature more. Where the image is not',
    'pushed yet --source says where its manifest can be read; nothing else of it is looked at. Registries without the referrers API list',
    'signatures under a fallback tag, in which none gets lost when several sign at once.',
    '--json prints {image, name, digest, predicateType, signer, signatures}.',
  ].join('\n'),
  usage: 'IMAGE@DIGEST',
  examples: [
    { input: 'registry.example/app@sha256:…', brief: 'as the job that runs this, or as who logs in' },
    { input: '--key cosign.key registry.example/app@sha256:…', brief: 'with a key' },
    {
      input: '--recursive -a version=1.4.2 registry.example/app@sha256:…',
      brief: 'with its platforms, saying something',
    },
    {
      input: '--source oci:build registry.example/app@sha256:…',
      brief: 'before it is pushed, so that its tag is never seen without a signature',
    },
  ],
  parameters: {
    flags: {
      annotation: {
        kind: 'parsed',
        parse: String,
        optional: true,
        variadic: true,
        placeholder: 'key=value',
        brief: 'Something that the signature says besides',
      },
      recursive: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Of an index sign the platforms too',
      },
      ...signingFlags,
      ...jsonFlag,
      ...placeFlags,
      ...outputFlags,
    },
    aliases: { ...signingAliases, a: 'annotation', r: 'recursive' },
    positional: { kind: 'tuple', parameters: [{ parse: String, brief: 'Image', placeholder: 'IMAGE' }] },
  },
  run: sign,
})

async function sign(context: CliContext, flags: SignFlags, image: string): Promise<void> {
  const { signImage } = await import('../signing/sign-image.ts')
  await signImage(context, flags, image)
}
