import * as v from 'valibot'
import { DamagedContentError, UnsupportedError } from '../content/index.ts'
import { isIndex, isManifest, isSchema1, mediaTypes } from '../oci/index.ts'

/** Whether content of this type lives under `/manifests/` at a registry. */
export function isManifestType(mediaType: string): boolean {
  return (
    isManifest(mediaType) ||
    isIndex(mediaType) ||
    isSchema1(mediaType) ||
    mediaType === mediaTypes.ociArtifactManifest
  )
}

/** A `Content-Type` without its parameters, lower case. */
export function bareMediaType(contentType: string | undefined): string | undefined {
  const bare = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  return bare === '' ? undefined : bare
}

const Document = v.looseObject({
  schemaVersion: v.optional(v.unknown()),
  mediaType: v.optional(v.string()),
  layers: v.optional(v.unknown()),
  manifests: v.optional(v.unknown()),
  config: v.optional(v.unknown()),
  subject: v.optional(v.unknown()),
})

/**
 * The media type of a manifest that was read, by its `Content-Type`, its own `mediaType`, or its fields.
 *
 * @param what The manifest, for errors: `docker.io/library/x:latest`.
 * @throws {DamagedContentError} when header and document contradict each other, or when it could be read both as
 *   a manifest and as an index (GHSA-qq97-vm5h-rrhg).
 * @throws {UnsupportedError} for schema 1.
 */
export function manifestMediaType(bytes: Uint8Array, contentType: string | undefined, what: string): string {
  const header = bareMediaType(contentType)
  const document = parseDocument(bytes, what)
  const said = document.mediaType
  if (isSchema1(header ?? '') || isSchema1(said ?? '') || document.schemaVersion === 1)
    throw schema1Error(what)
  if (document.layers !== undefined && document.manifests !== undefined) {
    throw new DamagedContentError(
      `Cannot read ${what}: it has both layers and manifests, so it could be taken for two things`,
    )
  }
  if (header !== undefined && isManifestType(header)) {
    if (said !== undefined && said !== header) {
      throw new DamagedContentError(
        `Cannot read ${what}: it was sent as ${header} and calls itself ${JSON.stringify(said.slice(0, 200))}`,
      )
    }
    return header
  }
  if (said !== undefined && isManifestType(said)) return said
  if (document.manifests !== undefined) return mediaTypes.ociIndex
  if (document.layers !== undefined && document.config !== undefined) return mediaTypes.ociManifest
  throw new DamagedContentError(
    `Cannot read ${what}: it is no image manifest or index (${(header ?? said ?? 'no media type').slice(0, 200)})`,
  )
}

/** The error for a manifest of Docker's schema 1. */
export function schema1Error(what: string): UnsupportedError {
  return new UnsupportedError(
    `Cannot read ${what}: it is a Docker schema 1 manifest, a format withdrawn in 2017`,
    {
      hint: 'Push the image again with a current tool, or ask its publisher to.',
    },
  )
}

function parseDocument(bytes: Uint8Array, what: string): v.InferOutput<typeof Document> {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new DamagedContentError(`Cannot read ${what}: the manifest is not JSON`, { cause: error })
  }
  const result = v.safeParse(Document, json)
  if (!result.success) throw new DamagedContentError(`Cannot read ${what}: the manifest is not a JSON object`)
  return result.output
}
