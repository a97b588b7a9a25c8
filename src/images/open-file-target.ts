import type { Target } from '../content/index.ts'
import { openLayout } from '../stores/index.ts'
import type { FileLocation } from './location.ts'
import { checkDigest } from './open-places.ts'
import type { OpenedTarget, OpenTargetOptions, PlacesOptions } from './places.ts'

/** Opens a layout or an archive for writing. */
export async function openFileTarget(
  location: FileLocation,
  _options: PlacesOptions,
  { signal }: OpenTargetOptions,
): Promise<OpenedTarget> {
  const target: Target = await openLayout(location.path, {
    create: true,
    ...(signal === undefined ? {} : { signal }),
  })
  return {
    location,
    target,
    namesFor: (root) => {
      checkDigest(location, root)
      return [location.name ?? root.digest]
    },
    commit: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
