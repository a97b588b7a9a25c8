import type { Location } from '../../images/index.ts'
import { type Digest, formatPlatform } from '../../oci/index.ts'
import { claimOf, logIndexes, type SigningServices } from '../../signing/index.ts'
import { imageName } from '../image-name.ts'
import type { MadeBundle } from './made-bundle.ts'

/** Where a signature was stored. */
export type StoredAnswer =
  /** A manifest that refers to what was signed; `name` is NAME@DIGEST. */
  | { readonly kind: 'referrer'; readonly name: string; readonly digest: Digest }
  /** Among others under cosign's older tag; `name` is NAME:TAG, `digest` that of the manifest there. */
  | { readonly kind: 'tag'; readonly name: string; readonly tag: string; readonly digest: Digest }
  | { readonly kind: 'github'; readonly id: string; readonly url: string }
  | { readonly kind: 'file'; readonly path: string }

/** One signature. */
export interface SignatureAnswer {
  /** Of the manifest that was signed. */
  readonly digest: Digest
  /** `os/arch[/variant]`, of an index's platform. */
  readonly platform?: string
  readonly stored: StoredAnswer
  /** The entries of transparency logs, in the order of the services. */
  readonly log: readonly { readonly url: string; readonly index: string }[]
}

/** What `sign --json` and `attest --json` print. */
export interface SigningAnswer {
  /** As it was named. */
  readonly image: string
  /** NAME@DIGEST. */
  readonly name: string
  readonly digest: Digest
  readonly predicateType: string | null
  readonly signer:
    | { readonly kind: 'certificate'; readonly identity: string; readonly issuer: string }
    | { readonly kind: 'key'; readonly key: string }
  /** The named manifest last, its platforms before it. */
  readonly signatures: readonly SignatureAnswer[]
}

/** What {@link signingAnswer} is made of. */
interface AnswerParts {
  readonly image: string
  readonly location: Location
  readonly predicateType: string | undefined
  readonly key: string | undefined
  readonly made: readonly MadeBundle[]
  /** One for each that was made. */
  readonly stored: readonly StoredAnswer[]
  readonly services: SigningServices
}

/** Says what was done. */
export function signingAnswer(parts: AnswerParts): SigningAnswer {
  const { image, location, made, predicateType, services, stored } = parts
  const signatures = made.flatMap(({ bundle, subject }, number): SignatureAnswer[] => {
    const place = stored[number]
    const platform = subject.descriptor?.platform
    if (place === undefined) return []
    const log = logIndexes(bundle).map((index, at) => ({ url: services.logs[at]?.url.href ?? '', index }))
    return [
      {
        digest: subject.digest,
        ...(platform === undefined ? {} : { platform: formatPlatform(platform) }),
        stored: place,
        log,
      },
    ]
  })
  const digest = signatures.at(-1)?.digest
  if (digest === undefined) throw new Error('nothing was signed')
  return {
    image,
    name: `${imageName(location)}@${digest}`,
    digest,
    predicateType: predicateType ?? null,
    signer: signerOf(parts),
    signatures,
  }
}

/** Of a certificate what it says, which the authority had verified. */
function signerOf({ key, made }: AnswerParts): SigningAnswer['signer'] {
  if (key !== undefined) return { kind: 'key', key }
  const claim = claimOf({ kind: 'bundle', bundle: made[0]?.bundle })
  return { kind: 'certificate', identity: claim?.signer?.identity ?? '', issuer: claim?.signer?.issuer ?? '' }
}
