import { Readable } from 'node:stream'
import { createLimiter, type Fetcher } from '../../content/index.ts'
import { measureLayer } from '../../layers/index.ts'
import { type Descriptor, isForeignLayer, isLayerArchive } from '../../oci/index.ts'
import type { Progress } from '../progress.ts'

/** Options of {@link measureLayers}. */
export interface MeasureLayersOptions {
  readonly progress: Progress
  readonly signal: AbortSignal
}

/**
 * Reads layers to say how many bytes each has unpacked, in their order; the same layer is read once. Undefined for
 * what is no file system layer, and for layers that registries need not have.
 */
export async function measureLayers(
  fetcher: Fetcher,
  layers: readonly Descriptor[],
  { progress, signal }: MeasureLayersOptions,
): Promise<readonly (number | undefined)[]> {
  const limiter = createLimiter(3)
  const sizes = new Map<string, Promise<number>>()
  const measure = async (layer: Descriptor): Promise<number> => {
    signal.throwIfAborted()
    const reading = progress.startReading(layer)
    try {
      const { unpacked } = await measureLayer(counted(fetcher, reading.add), layer, { signal })
      return unpacked
    } finally {
      reading.end()
    }
  }
  return Promise.all(
    layers.map(async (layer) => {
      if (!isLayerArchive(layer.mediaType) || isForeignLayer(layer.mediaType)) return undefined
      const size = sizes.get(layer.digest) ?? limiter.run(() => measure(layer))
      sizes.set(layer.digest, size)
      return size
    }),
  )
}

function counted(fetcher: Fetcher, onBytes: (count: number) => void): Fetcher {
  return {
    async fetch(descriptor, options) {
      const stream = await fetcher.fetch(descriptor, options)
      return Readable.from(passing(stream, onBytes), { objectMode: false })
    },
  }
}

async function* passing(stream: Readable, onBytes: (count: number) => void): AsyncGenerator {
  for await (const chunk of stream) {
    if (chunk instanceof Uint8Array) onBytes(chunk.length)
    yield chunk
  }
}
