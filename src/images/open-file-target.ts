import { UsageError } from '../errors/index.ts'
import { parseReference, withDefaultTag } from '../oci/index.ts'
import { createDockerArchive, createOciArchive, openLayout } from '../stores/index.ts'
import { checkDigest } from './check-digest.ts'
import { compressionOf } from './compression-of.ts'
import type { FileLocation } from './location.ts'
import type { OpenedTarget, OpenTargetOptions, PlacesOptions } from './places.ts'

/** Opens a layout or an archive for writing. */
export async function openFileTarget(
  location: FileLocation,
  places: PlacesOptions,
  options: OpenTargetOptions,
): Promise<OpenedTarget> {
  return location.kind === 'oci'
    ? openLayoutTarget(location, options)
    : openArchiveTarget(location, places, options)
}

async function openLayoutTarget(
  location: FileLocation,
  { signal }: OpenTargetOptions,
): Promise<OpenedTarget> {
  const layout = await openLayout(location.path, { create: true, signal })
  return {
    location,
    target: layout,
    deleter: layout,
    namesFor: (root) => {
      checkDigest(location, root)
      // A layout lists what has no name under its digest.
      return [location.name ?? root.digest]
    },
    commit: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

function openArchiveTarget(
  location: FileLocation,
  { stdout, temporaryDirectory }: PlacesOptions,
  { from, platform, compression }: OpenTargetOptions,
): OpenedTarget {
  const { path } = location
  if (path === '-' && stdout === undefined) {
    throw new UsageError(`Cannot write ${location.text}: there is no standard output here`)
  }
  const output = path === '-' && stdout !== undefined ? stdout() : path
  const writing = {
    compression: compression ?? compressionOf(path),
    ...(temporaryDirectory === undefined ? {} : { temporaryDirectory }),
  }
  const archive =
    location.kind === 'oci-archive'
      ? createOciArchive(output, writing)
      : createDockerArchive(output, { ...writing, ...(platform === undefined ? {} : { platform }) })
  const name = location.kind === 'oci-archive' ? location.name : dockerName(location, from?.familiar)
  return {
    location,
    target: archive,
    namesFor: (root) => {
      checkDigest(location, root)
      return [name ?? root.digest]
    },
    commit: (committing) => archive.commit(committing),
    [Symbol.asyncDispose]: () => archive.discard(),
  }
}

/** What `docker load` will call it. */
function dockerName(location: FileLocation, from: string | undefined): string | undefined {
  if (location.name === undefined) return from
  return withDefaultTag(parseReference(location.name)).familiar
}
