import type { Identity, Wanted } from './gate.ts'

/** What a gate decided, for who keeps a record of it. There is never a password or a token in it. */
export type Decision =
  /** Somebody showed credentials that are wrong. */
  | { readonly kind: 'wrong-credentials'; readonly client: string; readonly wanted: readonly string[] }
  /** Somebody may not do what they wanted; for who showed nothing, the question who they are. */
  | {
      readonly kind: 'refused'
      readonly client: string
      readonly user: string | undefined
      readonly by: Identity['by']
      /** `push team/app` */
      readonly wanted: readonly string[]
    }
  /** A token was given. */
  | {
      readonly kind: 'token'
      readonly client: string
      readonly user: string | undefined
      /** `repository:team/app:pull,push` */
      readonly scopes: readonly string[]
    }

/** How a {@link Decision} says what was wanted. */
export function wantedTexts(wanted: readonly Wanted[]): readonly string[] {
  return wanted.map(({ action, repository = 'the catalogue' }) => `${action} ${repository}`)
}
