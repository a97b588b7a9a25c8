import { UsageError } from '../../errors/index.ts'
import { InvalidReferenceError, parseReference, type Reference } from '../../oci/index.ts'

/** A place at a registry that holds copies of images, each under its own full name. */
export interface Mirror {
  /** `registry.example/prefix`, or the registry alone. */
  readonly name: string
}

const below = '/x'

/**
 * Reads where a mirror is: `REGISTRY[/PREFIX]`. The registry is named, since a word without one would be taken for a user of Docker Hub.
 *
 * @throws {UsageError}
 */
export function parseMirror(text: string): Mirror {
  const place = text.replace(/\/$/, '')
  const { canonical, domain, name } = parseBelow(text, place)
  if (!`${place}/`.startsWith(`${domain}/`)) throw refusal(text, 'it does not begin with a registry')
  if (domain === 'docker.io')
    throw refusal(text, 'names at Docker Hub have no room for those of other registries')
  if (canonical !== name) throw refusal(text, 'a mirror has no tag and no digest')
  return { name: name.slice(0, -below.length) }
}

function parseBelow(text: string, place: string): Reference {
  try {
    return parseReference(place + below)
  } catch (error) {
    if (!(error instanceof InvalidReferenceError)) throw error
    throw refusal(text, 'images cannot have names below it', error)
  }
}

function refusal(text: string, reason: string, cause?: Error): UsageError {
  return new UsageError(`Cannot take ${JSON.stringify(text)} for a mirror: ${reason}`, {
    hint: 'It reads REGISTRY[/PREFIX] in lower case: registry.example/mirror, localhost:5000.',
    cause,
  })
}
