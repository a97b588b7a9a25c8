import { UsageError } from '../errors/index.ts'
import { type ArchiveSource, openDockerArchive, openLayout, openOciArchive } from '../stores/index.ts'
import type { FileLocation } from './location.ts'
import type { OpenedSource, OpenSourceOptions, PlacesOptions } from './places.ts'

/** Opens a layout or an archive for reading. */
export async function openFileSource(
  location: FileLocation,
  places: PlacesOptions,
  options: OpenSourceOptions,
): Promise<OpenedSource> {
  const name = location.digest ?? location.name ?? ''
  if (location.kind === 'oci') {
    return {
      location,
      source: await openLayout(location.path, options),
      name,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  }
  const source = await openArchive(location, places, options)
  return { location, source, name, [Symbol.asyncDispose]: () => source.close() }
}

function openArchive(
  location: FileLocation,
  { stdin, temporaryDirectory }: PlacesOptions,
  { signal, whole = false }: OpenSourceOptions,
): Promise<ArchiveSource> {
  const open = location.kind === 'oci-archive' ? openOciArchive : openDockerArchive
  const reading = { whole, signal, ...(temporaryDirectory === undefined ? {} : { temporaryDirectory }) }
  if (location.path !== '-') return open(location.path, reading)
  if (stdin === undefined)
    throw new UsageError(`Cannot read ${location.text}: there is no standard input here`)
  return open(stdin(), reading)
}
