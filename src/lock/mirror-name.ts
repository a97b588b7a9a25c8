import { UsageError } from '../errors/index.ts'
import { parseReference, type Reference } from '../oci/index.ts'

/**
 * The name of an image at a mirror, `REGISTRY[/PREFIX]`: its registry and its path below the prefix, so that images of several registries
 * do not meet (`docker.io/library/python:3.12` is `mirror.example/cache/docker.io/library/python:3.12`). The colon in front of a port,
 * which no path may hold, becomes a hyphen.
 *
 * @throws {UsageError} where `mirror` is no registry with a prefix.
 */
export function mirrorReference(mirror: string, { digest, domain, path, tag }: Reference): Reference {
  const below = `${mirror.replace(/\/+$/, '')}/${asComponent(domain)}/${path}`
  const name = below + (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`)
  const reference = parseReference(name)
  if (reference.domain === mirror.split('/')[0]) return reference
  throw new UsageError(`Cannot mirror to ${mirror}: it does not begin with a registry`, {
    hint: 'registry.example/prefix, or localhost:5000',
  })
}

function asComponent(domain: string): string {
  return domain
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^-|-$/g, '')
}
