import type { Descriptor } from './descriptor.ts'
import { type Digest, digestOf } from './digest.ts'
import type { HistoryEntry, ImageConfig } from './image-config.ts'

/** A step of an image's history, with the layer that it made. */
export interface HistoryStep {
  readonly history?: HistoryEntry
  readonly layer?: Descriptor
  /** The digest of the layer, uncompressed. */
  readonly diffId?: Digest
}

/** An image's history lined up with its layers. */
export interface ImageHistory {
  /**
   * Whether each history entry that made a layer has one. Where it is false (squashed images; ko, apko and others that
   * write little or no history) nobody can tell which belongs to which: entries stand without layers, then layers without entries.
   */
  readonly aligned: boolean
  /** Oldest first. */
  readonly steps: readonly HistoryStep[]
}

/** Lines up an image's history with its layers; `layers` are those of its manifest. */
export function historyWithLayers(config: ImageConfig, layers: readonly Descriptor[]): ImageHistory {
  const made = config.history.filter((entry) => !entry.emptyLayer).length
  const { diffIds } = config.rootfs
  const layerSteps = layers.map((layer, index) => layerStep(layer, diffIds[index]))
  if (made !== layers.length)
    return { aligned: false, steps: [...config.history.map((history) => ({ history })), ...layerSteps] }
  let next = 0
  const steps = config.history.map((history): HistoryStep => {
    if (history.emptyLayer) return { history }
    const step = { history, ...layerSteps[next] }
    next += 1
    return step
  })
  return { aligned: true, steps }
}

function layerStep(layer: Descriptor, diffId: Digest | undefined): HistoryStep {
  return diffId === undefined ? { layer } : { layer, diffId }
}

/**
 * Names, for each layer, the file system up to and including it (OCI image specification, config.md, "Layer ChainID").
 *
 * @param diffIds bottom first
 */
export function chainIds(diffIds: readonly Digest[]): Digest[] {
  const chain: Digest[] = []
  const encoder = new TextEncoder()
  for (const diffId of diffIds) {
    const parent = chain.at(-1)
    chain.push(parent === undefined ? diffId : digestOf(encoder.encode(`${parent} ${diffId}`)))
  }
  return chain
}
