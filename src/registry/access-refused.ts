import { AccessRefusedError } from '../content/index.ts'
import type { Credentials } from './credentials/credentials.ts'

/** With what a registry was asked. */
export interface Access {
  /** The registry: `docker.io`. */
  readonly host: string
  readonly credentials: Credentials | undefined
}

/**
 * The error for access that was refused; it tells missing credentials from wrong ones.
 *
 * @param doing What could not be done: `push sha256:… to docker.io/me/x`.
 * @param said What the registry said about it, if it did.
 */
export function accessRefused(
  code: 'UNAUTHORIZED' | 'DENIED',
  doing: string,
  access: Access,
  said: string | undefined,
): AccessRefusedError {
  const { host, credentials } = access
  const detail = said === undefined ? '' : ` (${said})`
  if (credentials === undefined) {
    return new AccessRefusedError(
      code,
      `Cannot ${doing}: ${host} refuses access, and there are no credentials stored for ${host}${detail}`,
      {
        hint: `Check the name; if it is right and private: lading login ${host}`,
      },
    )
  }
  const from = `the credentials for ${host} (from ${credentials.source})`
  if (code === 'UNAUTHORIZED') {
    return new AccessRefusedError(code, `Cannot ${doing}: ${from} were refused${detail}`, {
      hint: `Log in again: lading login ${host}`,
    })
  }
  return new AccessRefusedError(code, `Cannot ${doing}: ${from} do not allow it${detail}`, {
    hint: 'Check the name, and what that account may do there.',
  })
}
