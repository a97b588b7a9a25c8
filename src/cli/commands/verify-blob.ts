import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { outputFlags } from '../output-flags.ts'
import { signerFlags } from '../verification/signer-flags.ts'
import { trustFlags } from '../verification/trust-flags.ts'
import type { VerifyBlobFlags } from '../verification/verify-blob-flags.ts'

export const verb: Verb = defineVerb<VerifyBlobFlags, [string]>({
  name: 'verify-blob',
  brief: 'Say whether a file was signed by whom it should be',
  description: [
    'Holds a file against the Sigstore bundle that came with it. Answers yes (exit code 0), no with the first check that failed (1),',
    'or fails (3) when it could not be told. No network is touched: the trust roots are those of `lading trust show`, or of --trusted-root.',
    'FILE may be a digest (sha256:…) where the file itself is far away, or - for standard input.',
    '',
    "cosign's --certificate-identity, --certificate-identity-regexp (where a glob says the same) and --certificate-oidc-issuer are taken",
    'too. --json prints {file, verified, satisfied, rejected}.',
  ].join('\n'),
  usage: 'FILE',
  examples: [
    {
      input:
        '--bundle app.tar.gz.sigstore.json --identity me@example.com --issuer https://accounts.google.com app.tar.gz',
      brief: 'signed by a person',
    },
    {
      input:
        "--bundle app.sigstore.json --identity-pattern 'https://github.com/me/app/*@refs/tags/*' --issuer https://token.actions.githubusercontent.com app",
      brief: 'signed by a workflow of GitHub Actions, on any tag',
    },
    { input: '--bundle app.sigstore.json --key cosign.pub app', brief: 'signed with a key' },
  ],
  parameters: {
    flags: {
      bundle: {
        kind: 'parsed',
        parse: String,
        placeholder: 'file',
        brief: 'The Sigstore bundle: one as JSON, or several, one on each line, of which one has to do',
      },
      ...signerFlags,
      ...trustFlags,
      quiet: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Print the digest of what was verified and nothing else',
      },
      ...jsonFlag,
      ...outputFlags,
    },
    aliases: { q: 'quiet' },
    positional: { kind: 'tuple', parameters: [{ parse: String, brief: 'File', placeholder: 'FILE' }] },
  },
  run: runVerifyBlob,
})

async function runVerifyBlob(context: CliContext, flags: VerifyBlobFlags, file: string): Promise<void> {
  const { verifyBlob } = await import('../verification/verify-blob.ts')
  await verifyBlob(context, flags, file)
}
