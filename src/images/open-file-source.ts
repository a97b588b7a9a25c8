import type { OperationOptions, Source } from '../content/index.ts'
import { openLayout } from '../stores/index.ts'
import type { FileLocation } from './location.ts'
import type { OpenedSource, PlacesOptions } from './places.ts'

/** Opens a layout or an archive for reading. */
export async function openFileSource(
  location: FileLocation,
  _options: PlacesOptions,
  { signal }: OperationOptions,
): Promise<OpenedSource> {
  const source: Source = await openLayout(location.path, signal === undefined ? {} : { signal })
  return {
    location,
    source,
    name: location.digest ?? location.name ?? '',
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
