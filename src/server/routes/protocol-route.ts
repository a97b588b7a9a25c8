import type { Digest, DigestAlgorithm } from '../../oci/index.ts'
import type { Action } from '../auth/gate.ts'
import type { RepositoryName } from '../repository-name.ts'

/** How a path names a manifest. */
export type ManifestReference = Digest | { readonly tag: string }

/** Which part of a listing is wanted. */
export interface PageQuery {
  /** At most so many entries; 0 is an empty list. Undefined: the request does not say. */
  readonly limit: number | undefined
  /** Only what comes after this in byte order. */
  readonly after: string | undefined
}

/**
 * A request below `/v2/`, read once from its method and its raw target. The gate and the handler are given this
 * value and never the text it came from, so that both mean the same repository.
 */
export type ProtocolRoute =
  | { readonly kind: 'base' }
  | { readonly kind: 'list-repositories'; readonly page: PageQuery }
  | { readonly kind: 'list-tags'; readonly repository: RepositoryName; readonly page: PageQuery }
  | {
      readonly kind: 'list-referrers'
      readonly repository: RepositoryName
      readonly subject: Digest
      readonly artifactType: string | undefined
      /** The digest that the page comes after. */
      readonly after: Digest | undefined
    }
  | {
      readonly kind: 'get-manifest' | 'delete-manifest'
      readonly repository: RepositoryName
      readonly reference: ManifestReference
    }
  | {
      readonly kind: 'put-manifest'
      readonly repository: RepositoryName
      readonly reference: ManifestReference
      /** The `tag` parameters of a push by digest, each once. */
      readonly tags: readonly string[]
    }
  | {
      readonly kind: 'get-blob' | 'delete-blob'
      readonly repository: RepositoryName
      readonly digest: Digest
    }
  | {
      readonly kind: 'start-upload'
      readonly repository: RepositoryName
      readonly algorithm: DigestAlgorithm | undefined
    }
  | { readonly kind: 'push-blob'; readonly repository: RepositoryName; readonly digest: Digest }
  | {
      readonly kind: 'mount-blob'
      readonly repository: RepositoryName
      readonly digest: Digest
      /** Undefined: any repository that the caller may pull from. */
      readonly from: RepositoryName | undefined
    }
  | {
      readonly kind: 'get-upload' | 'append-upload' | 'cancel-upload'
      readonly repository: RepositoryName
      readonly upload: string
    }
  | {
      readonly kind: 'finish-upload'
      readonly repository: RepositoryName
      readonly upload: string
      readonly digest: Digest
    }

/** What a route wants to do with its repository. */
export function actionOf(kind: Exclude<ProtocolRoute['kind'], 'base' | 'list-repositories'>): Action {
  switch (kind) {
    case 'list-tags':
    case 'list-referrers':
    case 'get-manifest':
    case 'get-blob':
      return 'pull'
    case 'delete-manifest':
    case 'delete-blob':
      return 'delete'
    case 'put-manifest':
    case 'start-upload':
    case 'push-blob':
    case 'mount-blob':
    case 'get-upload':
    case 'append-upload':
    case 'cancel-upload':
    case 'finish-upload':
      return 'push'
    default:
      return kind satisfies never
  }
}

/** The kind of endpoint that the metrics count a route under. */
export function endpointOf(kind: ProtocolRoute['kind']): string {
  switch (kind) {
    case 'base':
      return 'base'
    case 'list-repositories':
      return 'catalog'
    case 'list-tags':
      return 'tags'
    case 'list-referrers':
      return 'referrers'
    case 'get-manifest':
    case 'put-manifest':
    case 'delete-manifest':
      return 'manifest'
    case 'get-blob':
    case 'delete-blob':
      return 'blob'
    case 'start-upload':
    case 'push-blob':
    case 'mount-blob':
    case 'get-upload':
    case 'append-upload':
    case 'cancel-upload':
    case 'finish-upload':
      return 'upload'
    default:
      return kind satisfies never
  }
}
