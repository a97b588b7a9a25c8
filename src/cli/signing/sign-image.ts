import type { Location } from '../../images/index.ts'
import { cosignSign, inTotoStatement, simpleSigningPayload } from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { makeSignatures } from './make-signatures.ts'
import { readAnnotations } from './read-annotations.ts'
import type { SigningFlags } from './signing-flags.ts'

/** Flags of `sign`. */
export type SignFlags = SigningFlags & {
  readonly annotation?: readonly string[] | undefined
  readonly recursive?: boolean | undefined
}

/**
 * Signs an image: a statement that says no more than that (https://sigstore.dev/cosign/sign/v1), its annotations with its
 * subject as cosign has them; in cosign's older format a simple signing payload.
 */
export async function signImage(context: CliContext, flags: SignFlags, image: string): Promise<void> {
  const annotations = readAnnotations(flags.annotation ?? [])
  await makeSignatures(context, flags, image, ({ destination, location }) => {
    const isOlder = destination.kind === 'place' && destination.format === 'cosign-v2'
    return Promise.resolve({
      predicateType: isOlder ? undefined : cosignSign,
      recursive: flags.recursive === true,
      contentOf: ({ digest }) =>
        isOlder
          ? {
              kind: 'message',
              bytes: simpleSigningPayload({ digest, name: repositoryName(location) ?? '', annotations }),
            }
          : {
              kind: 'statement',
              payload: inTotoStatement({
                subjects: [
                  { digest, annotations: Object.keys(annotations).length === 0 ? undefined : annotations },
                ],
                predicateType: cosignSign,
                predicate: {},
              }),
            },
    })
  })
}

/** The repository's full name; undefined for what is in none. */
export function repositoryName(location: Location): string | undefined {
  return location.kind === 'registry' ? location.reference.name : undefined
}
