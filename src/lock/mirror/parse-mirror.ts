import { InvalidReferenceError, parseReference } from '../../oci/index.ts'

/** A place at a registry that holds copies of images, each under its own full name. */
export interface Mirror {
  /** `registry.example/prefix`, or the registry alone. */
  readonly name: string
}

/**
 * Reads where a mirror is: `REGISTRY[/PREFIX]`. The registry is named, since a word without one would be taken for a user of Docker Hub.
 *
 * @throws {InvalidReferenceError}
 */
export function parseMirror(text: string): Mirror {
  const place = text.replace(/\/$/, '')
  const { canonical, domain, name } = parseReference(`${place}/x`)
  if (!`${place}/`.startsWith(`${domain}/`))
    throw new InvalidReferenceError(text, 'a mirror begins with its registry: registry.example/mirror')
  if (domain === 'docker.io')
    throw new InvalidReferenceError(text, 'names at Docker Hub have no room for those of other registries')
  if (canonical !== name) throw new InvalidReferenceError(text, 'a mirror has no tag and no digest')
  return { name: name.slice(0, -'/x'.length) }
}
