import { UsageError } from '../../../errors/index.ts'

/** An instance of Sigstore that publishes its trust root by The Update Framework. */
export interface TrustInstance {
  /** Its repository, as `https://tuf-repo-cdn.sigstore.dev`; without a slash at its end. */
  readonly mirror: string
  /** The bytes of the `root.json` that is believed without proof: everything else follows from it. */
  readonly root: Uint8Array
}

/** GitHub's own instance, which signs for private repositories. */
export const githubMirror = 'https://tuf-repo.github.com'

/**
 * The address of a repository in the one form in which it is compared and kept.
 *
 * @throws {UsageError} for what is no address, has a user, query or fragment, or is plain http to another machine.
 */
export function readMirror(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new UsageError('Cannot take --mirror: it is not a URL of https')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new UsageError('Cannot take --mirror: it is an address alone, without user, query or fragment')
  if (url.protocol === 'http:' && !['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname))
    throw new UsageError('Cannot take --mirror: plain http is taken from this machine only')
  return url.href.replace(/\/+$/, '')
}

/** The name by which an instance is shown, and the stem of its files: its address without the scheme. */
export function mirrorName(mirror: string): string {
  return mirror.replace(/^https?:\/\//, '')
}
