import { NotFoundError, type OperationOptions, type Source } from '../content/index.ts'
import type { Digest } from '../oci/index.ts'

/** An image in an archive, with all its names there. */
export interface ArchivedImage {
  readonly digest: Digest
  /** What finds it: a name, its place as `@0`, or nothing for the only one. */
  readonly name: string
  readonly names: readonly string[]
}

/** As many images as an archive may hold. */
const mostImages = 100_000

/**
 * All images of an archive: those with names, and those that `docker save` writes without.
 *
 * @throws {UsageError} when an OCI archive holds several without names.
 */
export async function archivedImages(
  source: Source,
  options: OperationOptions,
): Promise<readonly ArchivedImage[]> {
  const images = new Map<
    Digest,
    { readonly digest: Digest; readonly name: string; readonly names: string[] }
  >()
  for await (const name of source.tags?.(options) ?? []) {
    const { digest } = await source.resolve(name, options)
    const there = images.get(digest)
    if (there === undefined) images.set(digest, { digest, name, names: [name] })
    else there.names.push(name)
  }
  for (let place = 0; place < mostImages; place++) {
    const name = `@${place}`
    const digest = await digestAt(source, name, options)
    if (digest === undefined) break
    if (!images.has(digest)) images.set(digest, { digest, name, names: [] })
  }
  if (images.size > 0) return [...images.values()]
  const { digest } = await source.resolve('', options)
  return [{ digest, name: '', names: [] }]
}

async function digestAt(
  source: Source,
  name: string,
  options: OperationOptions,
): Promise<Digest | undefined> {
  try {
    return (await source.resolve(name, options)).digest
  } catch (error) {
    if (error instanceof NotFoundError) return undefined
    throw error
  }
}
