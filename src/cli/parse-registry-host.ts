import { hideUser, UsageError } from '../errors/index.ts'
import { defaultDomain, parseReference } from '../oci/index.ts'

/**
 * Reads the name of a registry as people give it to login: `ghcr.io`, `registry.example:5000`, docker's
 * `https://index.docker.io/v1/`, or an image of it.
 *
 * @returns the host as references have it; docker.io for an empty text.
 * @throws {UsageError}
 */
export function parseRegistryHost(text: string): string {
  if (hideUser(text) !== text) {
    throw new UsageError(
      `Cannot use ${JSON.stringify(hideUser(text))} as a registry: a user name stands in --username`,
    )
  }
  const host = text
    .replace(/^(?:https?|docker|oci):\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/$/, '')
  if (host === '') return defaultDomain
  if (!/[.:]|^localhost(?:\/|$)/.test(host.split('/')[0] ?? '')) {
    throw new UsageError(
      `Cannot use ${JSON.stringify(text)} as a registry: it has neither a dot nor a port`,
      {
        hint: `docker.io is Docker Hub; a registry of this machine reads localhost:5000`,
      },
    )
  }
  try {
    return parseReference(host.includes('/') ? host : `${host}/repository`).domain
  } catch (error) {
    throw new UsageError(`Cannot use ${JSON.stringify(text)} as a registry: it is not a host name`, {
      cause: error,
    })
  }
}
