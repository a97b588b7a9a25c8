import {
  type Descriptor,
  formatPlatform,
  type HistoryEntry,
  historyWithLayers,
  type ImageConfig,
} from '../../oci/index.ts'
import type { InspectedConfig, InspectedHistory, InspectedStep } from './inspection.ts'

/** What is told of an image's config; `layers` are those of its manifest. */
export function inspectedConfig(image: ImageConfig, layers: readonly Descriptor[]): InspectedConfig {
  const { config } = image
  return {
    platform: formatPlatform(image.platform),
    created: image.created ?? null,
    author: image.author ?? null,
    user: config.user ?? null,
    entrypoint: config.entrypoint ?? null,
    cmd: config.cmd ?? null,
    workingDir: config.workingDir ?? null,
    env: config.env,
    exposedPorts: config.exposedPorts,
    volumes: config.volumes,
    labels: config.labels,
    healthcheck: config.healthcheck ?? null,
    stopSignal: config.stopSignal ?? null,
    shell: config.shell ?? null,
    onBuild: config.onBuild,
    history: inspectedHistory(image, layers),
  }
}

function inspectedHistory(image: ImageConfig, layers: readonly Descriptor[]): InspectedHistory {
  const { aligned, steps } = historyWithLayers(image, layers)
  let next = 0
  return {
    aligned,
    steps: steps.flatMap(({ history, layer }) => {
      if (history === undefined) return []
      if (layer === undefined) return [inspectedStep(history, null)]
      next += 1
      return [inspectedStep(history, next - 1)]
    }),
  }
}

function inspectedStep(entry: HistoryEntry, layer: number | null): InspectedStep {
  return {
    created: entry.created ?? null,
    createdBy: entry.createdBy ?? null,
    author: entry.author ?? null,
    comment: entry.comment ?? null,
    layer,
  }
}
