import { type Compression, decompress } from '../archive/index.ts'
import { type Fetcher, fetchVerified } from '../content/index.ts'
import type { Descriptor } from '../oci/index.ts'
import { layerError } from './layer-error.ts'
import type { ReadLayerOptions } from './read-layer.ts'

/** How large a layer is. */
export interface LayerSize {
  /** As its bytes say, whatever its media type does. */
  readonly compression: Compression
  /** Bytes as stored. */
  readonly compressed: number
  /** Bytes of the tar archive. */
  readonly unpacked: number
}

/**
 * Reads a layer, verified, to say how large it is unpacked.
 *
 * @throws as {@link readLayer}.
 */
export async function measureLayer(
  fetcher: Fetcher,
  layer: Descriptor,
  options: ReadLayerOptions = {},
): Promise<LayerSize> {
  const { limits, signal } = options
  try {
    const { compression, stream } = await decompress(await fetchVerified(fetcher, layer, { signal }), {
      limits,
      signal,
    })
    let unpacked = 0
    for await (const chunk of stream) if (chunk instanceof Uint8Array) unpacked += chunk.length
    return { compression, compressed: layer.size, unpacked }
  } catch (error) {
    throw layerError(layer.digest, error)
  }
}
