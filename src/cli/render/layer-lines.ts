import type { InspectedHistory, InspectedLayer, InspectedManifest } from '../inspection/inspection.ts'
import { digestHex, isDigest, isLayerArchive } from '../../oci/index.ts'
import { formatBytes } from './format-bytes.ts'
import { safeText } from './safe-text.ts'
import { shortCommand } from './short-command.ts'
import type { Style } from './style.ts'
import { type Column, renderTable } from './table.ts'

/** How to show layers. */
export interface LayerLinesOptions {
  readonly style: Style
  /** Columns of the terminal; undefined: nothing is cut, and digests are whole. */
  readonly width?: number | undefined
}

/** Layers with what made each, lowest first; where the history does not say which made which, one after the other. */
export function layerLines(
  manifest: InspectedManifest,
  history: InspectedHistory | null,
  options: LayerLinesOptions,
): string[] {
  if (history !== null && history.steps.length > 0) {
    return history.aligned
      ? alignedLines(manifest, history, options)
      : [
          ...plainLines(manifest, options),
          '',
          ...renderTable(
            [{ title: 'HISTORY (which step made which layer is not told)', shrinks: true }],
            history.steps.map(({ createdBy, comment }) => [madeBy(createdBy, comment)]),
            options,
          ),
        ]
  }
  return manifest.layers.length === 0 ? [] : plainLines(manifest, options)
}

function alignedLines(
  { layers }: InspectedManifest,
  { steps }: InspectedHistory,
  options: LayerLinesOptions,
): string[] {
  const columns = layerColumns(layers)
  const rows = steps.map(({ layer, createdBy, comment }) => {
    const made = layer === null ? undefined : layers[layer]
    const cells = columns.map(({ cell }) => (made === undefined ? '' : cell(made, options)))
    const text = madeBy(createdBy, comment)
    return [...cells, made === undefined ? options.style.dim(text) : text]
  })
  return renderTable([...columns, { title: 'CREATED BY', shrinks: true }], rows, options)
}

function plainLines({ layers }: InspectedManifest, options: LayerLinesOptions): string[] {
  const columns = layerColumns(layers)
  const hasTitles = layers.some(({ title }) => title !== null)
  const rows = layers.map((layer) => [
    ...columns.map(({ cell }) => cell(layer, options)),
    ...(hasTitles ? [safeText(layer.title ?? '')] : []),
  ])
  return renderTable([...columns, ...(hasTitles ? [{ title: 'TITLE', shrinks: true }] : [])], rows, options)
}

interface LayerColumn extends Column {
  readonly cell: (layer: InspectedLayer, options: LayerLinesOptions) => string
}

function layerColumns(layers: readonly InspectedLayer[]): LayerColumn[] {
  const isMeasured = layers.some(({ unpackedSize }) => unpackedSize !== null)
  const isSpecial = layers.some(({ mediaType }) => !isLayerArchive(mediaType))
  return [
    { title: 'SIZE', align: 'right', cell: ({ size }) => formatBytes(size) },
    ...(isMeasured ? [unpackedColumn] : []),
    { title: 'LAYER', cell: ({ digest }, { width }) => (width === undefined ? digest : shortDigest(digest)) },
    ...(isSpecial ? [{ title: 'TYPE', cell: ({ mediaType }: InspectedLayer) => safeText(mediaType) }] : []),
  ]
}

const unpackedColumn: LayerColumn = {
  title: 'UNPACKED',
  align: 'right',
  cell: ({ unpackedSize }) => (unpackedSize === null ? '-' : formatBytes(unpackedSize)),
}

function shortDigest(digest: string): string {
  return isDigest(digest) ? digestHex(digest).slice(0, 12) : digest
}

function madeBy(createdBy: string | null, comment: string | null): string {
  return safeText(shortCommand(createdBy ?? comment ?? ''))
}
