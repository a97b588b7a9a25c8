import type { FlagParametersForType } from '@stricli/core'
import { UsageError } from '../../errors/index.ts'
import type { SignerPolicy, TextCondition } from '../../signing/index.ts'
import { regexpAsGlob } from './regexp-as-glob.ts'

/** Flags that say who must have signed: a signer's identity, or a key. */
export type SignerFlags = {
  readonly identity?: string | undefined
  readonly identityPattern?: string | undefined
  readonly issuer?: string | undefined
  readonly key?: string | undefined
  readonly insecureIgnoreTlog?: boolean | undefined
  readonly certificateIdentity?: string | undefined
  readonly certificateIdentityRegexp?: string | undefined
  readonly certificateOidcIssuer?: string | undefined
}

export const signerFlags: FlagParametersForType<SignerFlags> = {
  identity: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'uri',
    brief: 'Who signed, exactly as the certificate says: a workflow with its ref, or an email address',
  },
  identityPattern: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'glob',
    brief: 'The same as a glob of the whole: * stands for any text',
  },
  issuer: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'url',
    brief: 'Who vouched for the identity: the OIDC issuer, exactly',
  },
  key: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'file',
    brief: 'The public key that signed (PEM)',
  },
  insecureIgnoreTlog: {
    kind: 'boolean',
    optional: true,
    withNegated: false,
    brief: 'With --key: take a signature that no transparency log has, and whose time nobody proved',
  },
  // cosign's names.
  certificateIdentity: { kind: 'parsed', parse: String, optional: true, hidden: true, brief: '--identity' },
  certificateIdentityRegexp: {
    kind: 'parsed',
    parse: String,
    optional: true,
    hidden: true,
    brief: '--identity-pattern, as a regular expression that a glob can say',
  },
  certificateOidcIssuer: { kind: 'parsed', parse: String, optional: true, hidden: true, brief: '--issuer' },
}

const largestKey = 64 * 1024

/** Options of {@link signerPolicy}. */
export interface SignerPolicyOptions {
  /** Reads the file of the key. */
  readonly read: (path: string, limit: number) => Promise<Uint8Array>
  /** The issuer where none is given, of a caller that knows the identity by other means; default: it has to be. */
  readonly issuer?: string | undefined
}

/**
 * Who must have signed, by the flags; undefined where they say nothing.
 *
 * @throws {UsageError} for half a policy, or for two of them.
 */
export async function signerPolicy(
  flags: SignerFlags,
  options: SignerPolicyOptions,
): Promise<SignerPolicy | undefined> {
  const identity = identityCondition(flags)
  const issuer = oneOf({ '--issuer': flags.issuer, '--certificate-oidc-issuer': flags.certificateOidcIssuer })
  if (flags.key !== undefined) {
    if (identity !== undefined || issuer !== undefined)
      throw new UsageError('Cannot take --key together with an identity or an issuer: a key has neither')
    return {
      kind: 'key',
      publicKeyPem: Buffer.from(await options.read(flags.key, largestKey)).toString('utf8'),
      ...(flags.insecureIgnoreTlog === true ? { unlogged: true } : {}),
    }
  }
  if (flags.insecureIgnoreTlog === true)
    throw new UsageError(
      'Cannot take --insecure-ignore-tlog without --key: a certificate is good for minutes, and only a log or a timestamp says when they were',
    )
  if (identity === undefined) {
    if (issuer === undefined || options.issuer !== undefined) return undefined
    throw new UsageError(
      'Cannot verify by --issuer alone: it vouches for everybody who has an account there',
      { hint: 'Say whom it has to vouch for: --identity URI or --identity-pattern GLOB' },
    )
  }
  const wanted = issuer ?? options.issuer
  if (wanted === undefined) {
    throw new UsageError('Cannot verify an identity without its issuer: anybody may issue any name', {
      hint: 'For GitHub Actions: --issuer https://token.actions.githubusercontent.com',
    })
  }
  return { kind: 'identity', identity, issuer: { exact: wanted } }
}

function identityCondition(flags: SignerFlags): TextCondition | undefined {
  const { certificateIdentityRegexp: expression } = flags
  const given = oneOf({
    '--identity': exact(flags.identity),
    '--certificate-identity': exact(flags.certificateIdentity),
    '--identity-pattern': pattern(flags.identityPattern),
    '--certificate-identity-regexp': expression === undefined ? undefined : pattern(globOf(expression)),
  })
  if (given !== undefined && Object.values(given).includes(''))
    throw new UsageError('Cannot verify an identity that is empty')
  return given
}

function exact(text: string | undefined): TextCondition | undefined {
  return text === undefined ? undefined : { exact: text }
}

function pattern(text: string | undefined): TextCondition | undefined {
  return text === undefined ? undefined : { pattern: text }
}

function globOf(expression: string): string {
  const glob = regexpAsGlob(expression)
  if (glob !== undefined) return glob
  throw new UsageError(
    `Cannot take ${JSON.stringify(expression)} as an identity: identities are held against globs, and none says the same`,
    {
      hint: 'Take --identity-pattern, where * stands for any text. An expression that is anchored (^…$) and has no more than .* in it is taken too.',
    },
  )
}

/** The one value that is given. @throws {UsageError} naming the flags when there are several. */
function oneOf<Value>(values: Readonly<Record<string, Value | undefined>>): Value | undefined {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  if (given.length > 1)
    throw new UsageError(
      `Cannot take ${given.map(([name]) => name).join(' and ')} together: they say the same`,
    )
  return given[0]?.[1]
}
