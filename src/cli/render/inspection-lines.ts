import type {
  InspectedConfig,
  InspectedIndex,
  InspectedManifest,
  Inspection,
} from '../inspection/inspection.ts'
import { type Field, fieldLines } from './field-lines.ts'
import { formatBytes } from './format-bytes.ts'
import { formatDuration } from './format-duration.ts'
import { layerLines } from './layer-lines.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'
import { type Column, renderTable } from './table.ts'
import { textWidth } from './text-width.ts'

/** How to show an {@link Inspection}. */
export interface InspectionLinesOptions {
  readonly style: Style
  /** Columns of the terminal; undefined: nothing is wrapped or cut. */
  readonly width?: number | undefined
}

/** What is known of an image, for people. */
export function inspectionLines(inspection: Inspection, options: InspectionLinesOptions): string[] {
  const { image, index, manifest, config } = inspection
  const sections =
    index === null
      ? [
          titled(
            image,
            inspection.digest,
            [...rootFields(inspection), ...imageFields(manifest, config)],
            options,
          ),
        ]
      : [
          titled(image, inspection.digest, rootFields(inspection), options),
          [...platformLines(index, manifest, options), ...attestationLines(index)],
          section('annotations of the index', recordFields(index.annotations), options),
          manifest === null ? [] : chosenSection(manifest, config, options),
        ]
  const annotations = index === null ? 'annotations' : 'annotations of the manifest'
  sections.push(
    section('labels', recordFields(config?.labels), options),
    section(annotations, recordFields(manifest?.annotations), options),
    manifest === null ? [] : layerLines(manifest, config?.history ?? null, options),
  )
  return sections
    .filter((lines) => lines.length > 0)
    .flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]))
}

/** The image that was chosen from an index. */
function chosenSection(
  manifest: InspectedManifest,
  config: InspectedConfig | null,
  options: InspectionLinesOptions,
): string[] {
  const { platform, artifactType, digest, mediaType } = manifest
  const fields = [field('type', mediaType), ...imageFields(manifest, config)]
  return titled(
    platform ?? artifactType ?? 'manifest',
    digest,
    fields.filter(({ label }) => label !== 'platform'),
    options,
  )
}

/** A digest without a label in front fits the narrowest usual terminal. */
function titled(
  title: string,
  digest: string,
  fields: readonly Field[],
  options: InspectionLinesOptions,
): string[] {
  return [options.style.bold(safeText(title)), `  ${digest}`, ...fieldLines(fields, options)]
}

function section(title: string, fields: readonly Field[], options: InspectionLinesOptions): string[] {
  const lines = fieldLines(fields, options)
  return lines.length === 0 ? [] : [options.style.bold(safeText(title)), ...lines]
}

function rootFields({ mediaType, index }: Inspection): Field[] {
  return [{ label: 'type', values: [mediaType] }, field('artifact type', index?.artifactType)]
}

function imageFields(manifest: InspectedManifest | null, image: InspectedConfig | null): Field[] {
  if (manifest === null) return []
  const { platform, artifactType, subject, config, layers, layersSize, unpackedSize } = manifest
  const count = `${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}`
  const unpacked = unpackedSize === null ? '' : `, ${formatBytes(unpackedSize)} unpacked`
  return [
    field('platform', platform),
    field('artifact type', artifactType),
    field('config type', image === null && config.mediaType !== artifactType ? config.mediaType : null),
    field('refers to', subject),
    field('size', `${formatBytes(layersSize)} in ${count}${unpacked}`),
    ...(image === null ? [] : configFields(image)),
  ]
}

function configFields(config: InspectedConfig): Field[] {
  return [
    field('created', config.created?.replace(/\.\d+/, '')),
    field('author', config.author),
    field('user', config.user),
    field('entrypoint', command(config.entrypoint)),
    field('cmd', command(config.cmd)),
    field('workdir', config.workingDir),
    { label: 'env', values: config.env },
    field('ports', joined(config.exposedPorts)),
    { label: 'volumes', values: config.volumes },
    field('healthcheck', healthcheckText(config)),
    field('stop signal', config.stopSignal),
    field('shell', command(config.shell)),
    { label: 'onbuild', values: config.onBuild },
  ]
}

function healthcheckText({ healthcheck }: InspectedConfig): string | null {
  if (healthcheck === null) return null
  const [kind, ...words] = healthcheck.test
  const test = kind === 'CMD-SHELL' ? words.join(' ') : kind === 'NONE' ? 'none' : command(words)
  const settings = [
    ['every', seconds(healthcheck.interval)],
    ['timeout', seconds(healthcheck.timeout)],
    ['start period', seconds(healthcheck.startPeriod)],
    ['start interval', seconds(healthcheck.startInterval)],
    ['retries', healthcheck.retries === 0 ? undefined : healthcheck.retries?.toString()],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
  return `${test ?? ''}${settings.length === 0 ? '' : ` (${settings.join(', ')})`}`
}

function seconds(nanoseconds: number | undefined): string | undefined {
  return nanoseconds === undefined || nanoseconds === 0 ? undefined : formatDuration(nanoseconds / 1e9)
}

/** As a Dockerfile writes it: where one word ends can be seen. */
function command(words: readonly string[] | null): string | null {
  return words === null ? null : `[${words.map((word) => JSON.stringify(word)).join(', ')}]`
}

function joined(words: readonly string[]): string | null {
  return words.length === 0 ? null : words.join(', ')
}

function field(label: string, value: string | null | undefined): Field {
  return { label, values: value === null || value === undefined || value === '' ? [] : [value] }
}

function recordFields(record: Readonly<Record<string, string>> | undefined): Field[] {
  return Object.entries(record ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => ({ label, values: [value] }))
}

/** A table, or on a terminal too narrow for digests two lines a platform: a digest that is cut is of no use. */
function platformLines(
  { platforms }: InspectedIndex,
  chosen: InspectedManifest | null,
  { style, width }: InspectionLinesOptions,
): string[] {
  const hasSizes = platforms.some(({ layers }) => layers !== null)
  const hasAttestations = platforms.some(({ attestations }) => attestations.length > 0)
  const columns: Column[] = [
    { title: 'PLATFORM' },
    { title: 'DIGEST' },
    ...(hasSizes
      ? [{ title: 'SIZE', align: 'right' } as const, { title: 'LAYERS', align: 'right' } as const]
      : []),
    ...(hasAttestations ? [{ title: 'ATTESTED' }] : []),
  ]
  const rows = platforms.map(({ platform, artifactType, digest, layers, layersSize, attestations }) => {
    const name = safeText(platform ?? artifactType ?? '-')
    return [
      digest === chosen?.digest ? style.green(name) : name,
      digest,
      ...(hasSizes
        ? [layersSize === null ? '' : formatBytes(layersSize), layers === null ? '' : String(layers)]
        : []),
      ...(hasAttestations ? [attestations.length === 0 ? '' : 'yes'] : []),
    ]
  })
  const table = renderTable(columns, rows, { style })
  if (width === undefined || table.every((line) => textWidth(line) <= width)) return table
  return rows.flatMap(([name = '', digest = '', ...others]) => [
    [name, ...others.map((cell, at) => labelled(columns[at + 2]?.title ?? '', cell))]
      .filter(Boolean)
      .join('  '),
    `  ${digest}`,
  ])

  function labelled(title: string, cell: string): string {
    if (cell === '') return ''
    if (title === 'LAYERS') return style.dim(`${cell} ${cell === '1' ? 'layer' : 'layers'}`)
    return style.dim(title === 'ATTESTED' ? 'attested' : cell)
  }
}

function attestationLines({ otherAttestations }: InspectedIndex): string[] {
  return otherAttestations.map((digest) => `an attestation of nothing in this index: ${digest}`)
}
