/** Who somebody is, before it is asked what the rules let them do. */
export type Subject =
  | { readonly kind: 'anonymous' }
  /** Showed the right password of the htpasswd file. */
  | { readonly kind: 'user'; readonly name: string }
  /** Brought a token of an outside issuer. */
  | {
      readonly kind: 'workload'
      readonly issuer: string
      /** The `sub` claim. */
      readonly name: string
      /** Of the claims that rules ask for, those that the token has; several values where it is a list. */
      readonly claims: Readonly<Record<string, readonly string[]>>
    }

/** Nobody in particular. */
export const anonymous: Subject = { kind: 'anonymous' }

/** How logs name a subject: a workload with its issuer, so that none can pass for a user. */
export function subjectName(subject: Subject): string | undefined {
  switch (subject.kind) {
    case 'anonymous':
      return undefined
    case 'user':
      return subject.name
    case 'workload':
      return `${subject.issuer}#${subject.name}`
    default:
      return subject satisfies never
  }
}
