/** The services that signing needs, each decided upon. */
export interface SigningServices {
  /** Who gives certificates. */
  readonly fulcio: URL | undefined
  /** Who gives identity tokens to people. */
  readonly oidcIssuer: URL | undefined
  readonly logs: readonly LogService[]
  readonly timestampAuthorities: readonly URL[]
}

/** A transparency log and the version of Rekor's API that it speaks. */
export interface LogService {
  readonly url: URL
  readonly apiVersion: 1 | 2
}

/**
 * The public-good instance of Sigstore, under which the built-in trust root verifies. Its log of version 1 is named: it
 * takes every kind of key, and has one address for all years.
 */
export const publicGoodServices: SigningServices = {
  fulcio: new URL('https://fulcio.sigstore.dev'),
  oidcIssuer: new URL('https://oauth2.sigstore.dev/auth'),
  logs: [{ url: new URL('https://rekor.sigstore.dev'), apiVersion: 1 }],
  timestampAuthorities: [new URL('https://timestamp.sigstore.dev/api/v1/timestamp')],
}

/**
 * GitHub's own instance, for what must not stand in a public log: workflows of private repositories, as actions/attest
 * signs them. It has no log, and is verified under GitHub's own trust root.
 */
export const githubServices: SigningServices = {
  fulcio: new URL('https://fulcio.githubapp.com'),
  oidcIssuer: undefined,
  logs: [],
  timestampAuthorities: [new URL('https://timestamp.githubapp.com/api/v1/timestamp')],
}
