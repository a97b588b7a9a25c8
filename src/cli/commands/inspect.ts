import { fetchBytes } from '../../content/index.ts'
import { UsageError } from '../../errors/index.ts'
import { findManifest, type OpenedSource, parseLocation, pickImage } from '../../images/index.ts'
import { formatPlatform, maxConfigBytesRead, parsePlatform, type Platform } from '../../oci/index.ts'
import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { inspectImage } from '../inspection/inspect-image.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { type PlaceFlags, placeFlags } from '../place-flags.ts'
import { inspectionLines } from '../render/inspection-lines.ts'
import { wantedPlatform } from '../wanted-platform.ts'
import { type PlaceWork, withPlaces } from '../with-places.ts'
import { writeStdout } from '../write-stdout.ts'

type Flags = OutputFlags &
  PlaceFlags & {
    readonly platform?: Platform | undefined
    readonly allPlatforms?: boolean | undefined
    readonly unpacked?: boolean | undefined
    readonly raw?: boolean | undefined
    readonly config?: boolean | undefined
    readonly json?: boolean | undefined
  }

export const verb: Verb = defineVerb<Flags, [string]>({
  name: 'inspect',
  brief: 'Show what an image is: platforms, sizes, config, history, labels',
  description: [
    'Shows the index with its platforms, then one image: its config, labels, annotations and its layers lined up with',
    'the history that made them. Of an index that is the image for this machine, or for --platform; where it has none',
    'for this machine only the index is shown. Sizes are as stored, in powers of 1,000. Layers are not downloaded',
    'unless --unpacked asks for their real sizes; --all-platforms reads the manifest of each platform, and at Docker',
    'Hub each of them counts as a pull. --raw and --config write the exact bytes, which hash to their digests.',
    '--json prints {image, name, digest, mediaType, size, index, manifest, config}; what is not there is null.',
  ].join('\n'),
  usage: 'IMAGE',
  examples: [
    { input: 'python:3.12-slim', brief: 'what is it?' },
    { input: '--platform linux/arm64 python:3.12-slim', brief: 'of another platform' },
    { input: '--raw python:3.12-slim', brief: 'the manifest or index, byte for byte' },
    { input: '--config oci-archive:image.tar', brief: 'the config, byte for byte' },
  ],
  parameters: {
    flags: {
      platform: {
        kind: 'parsed',
        parse: parsePlatform,
        optional: true,
        placeholder: 'os/arch[/variant]',
        brief: 'Which image of an index; default: the one for this machine',
      },
      allPlatforms: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Show size and layers of every platform; one pull each at Docker Hub',
      },
      unpacked: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Download the layers and count what they unpack to',
      },
      raw: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Write the exact bytes of the manifest or index; with --platform of its manifest',
      },
      config: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: "Write the exact bytes of the image's config",
      },
      ...jsonFlag,
      ...placeFlags,
      ...outputFlags,
    },
    positional: { kind: 'tuple', parameters: [{ parse: String, brief: 'Image', placeholder: 'IMAGE' }] },
  },
  run: inspect,
})

async function inspect(context: CliContext, flags: Flags, image: string): Promise<void> {
  refuseContradictions(flags)
  const { signal } = context
  const location = parseLocation(image)
  await withPlaces(context, flags, [location], async (work) => {
    await using opened = await work.places.openSource(location, { signal })
    if (flags.raw === true) await writeRaw(context, opened, flags)
    else if (flags.config === true) await writeConfig(context, opened, flags, work)
    else await show(context, opened, flags, work)
  })
}

function refuseContradictions(flags: Flags): void {
  const alone = (['raw', 'config'] as const).find((name) => flags[name] === true)
  if (alone === undefined) return
  const others = [
    ['--config', alone === 'raw' && flags.config],
    ['--json', flags.json],
    ['--unpacked', flags.unpacked],
    ['--all-platforms', flags.allPlatforms],
  ] as const
  const other = others.find(([, isSet]) => isSet === true)
  if (other === undefined) return
  throw new UsageError(
    `Cannot inspect with --${alone} and ${other[0]}: --${alone} writes bytes and nothing else`,
    {
      hint: 'lading inspect --help',
    },
  )
}

/** The bytes that the name stands for; with a platform those of its manifest. */
async function writeRaw(context: CliContext, opened: OpenedSource, flags: Flags): Promise<void> {
  const { source, name } = opened
  const { signal } = context
  const root = await findManifest(source, name, { signal })
  const { bytes } =
    flags.platform === undefined ? root : await pickImage(source, root, flags.platform, { signal })
  await writeStdout(context, 'the manifest', bytes)
}

async function writeConfig(
  context: CliContext,
  opened: OpenedSource,
  flags: Flags,
  { config }: PlaceWork,
): Promise<void> {
  const { source, name } = opened
  const { signal } = context
  const root = await findManifest(source, name, { signal })
  const { manifest } = await pickImage(source, root, flags.platform ?? wantedPlatform(context, config), {
    signal,
  })
  const bytes = await fetchBytes(source, manifest.config, { limit: maxConfigBytesRead, signal })
  await writeStdout(context, 'the config', bytes)
}

async function show(context: CliContext, opened: OpenedSource, flags: Flags, work: PlaceWork): Promise<void> {
  const { output, signal } = context
  const platform = flags.platform ?? wantedPlatform(context, work.config)
  const inspection = await inspectImage(opened, {
    platform,
    isPlatformAsked: flags.platform !== undefined,
    allPlatforms: flags.allPlatforms ?? false,
    measure: flags.unpacked === true ? measureWith(opened, work, signal) : undefined,
    signal,
  })
  if (flags.json === true) output.json(inspection)
  else
    for (const line of inspectionLines(inspection, { style: output.style, width: output.width }))
      output.line(line)
  if (inspection.manifest === null)
    output.note(`There is no image for ${formatPlatform(platform)}: choose one with --platform.`)
}

function measureWith(
  { source }: OpenedSource,
  { progress }: PlaceWork,
  signal: AbortSignal,
): NonNullable<Parameters<typeof inspectImage>[1]['measure']> {
  return async (layers) => {
    const { measureLayers } = await import('../inspection/measure-layers.ts')
    return measureLayers(source, layers, { progress, signal })
  }
}
