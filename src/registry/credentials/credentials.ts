/** What opens a registry. Never part of a message; `source` may be. */
export interface Credentials {
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** A refresh token, for the OAuth2 endpoint of the token server. */
  readonly identityToken?: string | undefined
  /** A bearer token, sent as it is. */
  readonly registryToken?: string | undefined
  /** Where they come from, as a person reads it: `~/.docker/config.json`, `docker-credential-pass`. */
  readonly source: string
}

/** Finds credentials for a registry (`docker.io`, `registry.example:5000`), or for a repository of it. */
export type CredentialsFinder = (
  host: string,
  repository: string | undefined,
  options: { readonly signal?: AbortSignal | undefined },
) => Promise<Credentials | undefined>
