import { randomUUID } from 'node:crypto'
import { bytesBody, NotFoundError, type OperationOptions, UnsupportedError } from '../content/index.ts'
import {
  type Descriptor,
  digestOf,
  emptyDescriptor,
  emptyJson,
  mediaTypes,
  serializeManifest,
} from '../oci/index.ts'
import { deleteContent, deleteTag } from './delete-content.ts'
import type { ManifestMemory } from './manifest-memory.ts'
import { putManifest } from './push-manifest.ts'
import { getManifest } from './read-manifest.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'
import { blobExists } from './blob-exists.ts'
import { uploadBlob, type UploadHabits } from './upload-blob.ts'

/**
 * Removes a tag and leaves what it names.
 *
 * A registry that cannot do so is given an empty manifest under the tag, which is then deleted by its digest and
 * takes the tag along. If that is not possible either, the tag is put back.
 *
 * @throws {NotFoundError} when there is no such tag.
 * @throws {UnsupportedError} when the registry deletes neither.
 */
export async function untag(
  endpoint: RepositoryEndpoint,
  memory: ManifestMemory,
  habits: UploadHabits,
  tag: string,
  options: OperationOptions,
): Promise<void> {
  try {
    await deleteTag(endpoint, tag, options)
    return
  } catch (error) {
    // Some answer 404 to what they cannot do: whether the tag is there, its lookup below tells.
    if (!(error instanceof UnsupportedError) && !(error instanceof NotFoundError)) throw error
  }
  const original = await getManifest(endpoint, memory, tag, options)
  const { descriptor, bytes } = emptyManifest()
  if (!(await blobExists(endpoint, emptyDescriptor, options))) {
    await uploadBlob(endpoint, emptyDescriptor, bytesBody(emptyJson), { ...options, habits })
  }
  await putManifest(endpoint, memory, descriptor, bytes, tag, options)
  try {
    await deleteContent(endpoint, descriptor, options)
  } catch (error) {
    // Also after an abort: a tag must not be left on an empty manifest.
    await putManifest(endpoint, memory, original.descriptor, original.bytes, tag, {})
    throw error
  } finally {
    memory.forget(endpoint.display, descriptor.digest)
  }
}

/** A manifest that nobody else has: its digest can be deleted without taking another tag along. */
function emptyManifest(): { readonly descriptor: Descriptor; readonly bytes: Uint8Array } {
  const bytes = serializeManifest({
    kind: 'manifest',
    mediaType: mediaTypes.ociManifest,
    artifactType: mediaTypes.ociEmpty,
    config: emptyDescriptor,
    layers: [emptyDescriptor],
    annotations: { 'dev.lading.untag': randomUUID() },
  })
  return {
    bytes,
    descriptor: { mediaType: mediaTypes.ociManifest, digest: digestOf(bytes), size: bytes.length },
  }
}
