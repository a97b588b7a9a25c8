import { findManifest, type Location, parseLocation, platformEntry, type Places } from '../../images/index.ts'
import {
  type Descriptor,
  formatPlatform,
  isAttestationEntry,
  isIndex,
  parsePlatform,
  type Platform,
} from '../../oci/index.ts'
import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { imageName } from '../image-name.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { type PlaceFlags, placeFlags } from '../place-flags.ts'
import { safeText } from '../render/safe-text.ts'
import { formatBytes } from '../render/format-bytes.ts'
import { textWidth } from '../render/text-width.ts'
import { errorsJson, settleEach } from '../settle-each.ts'
import { withPlaces } from '../with-places.ts'

type Flags = OutputFlags &
  PlaceFlags & {
    readonly platform?: Platform | undefined
    readonly quiet?: boolean | undefined
    readonly json?: boolean | undefined
  }

export const verb: Verb = defineVerb<Flags, string[]>({
  name: 'resolve',
  brief: 'Look up the digest behind a tag',
  description: [
    'Prints the digest that each image has now and, for an index, that of each platform. With --quiet',
    'nothing but NAME@DIGEST: that costs one HEAD request, which Docker Hub does not count as a pull.',
  ].join('\n'),
  usage: 'IMAGE…',
  examples: [
    { input: 'python:3.12-slim', brief: 'the index and its platforms' },
    { input: '--quiet python:3.12-slim', brief: 'python@sha256:…, for scripts' },
    { input: '--platform linux/arm64 alpine redis', brief: 'one platform of several images' },
  ],
  parameters: {
    flags: {
      platform: {
        kind: 'parsed',
        parse: parsePlatform,
        optional: true,
        placeholder: 'os/arch[/variant]',
        brief: 'The digest of this platform; default: of the whole index',
      },
      quiet: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Print NAME@DIGEST and nothing else',
      },
      ...jsonFlag,
      ...placeFlags,
      ...outputFlags,
    },
    aliases: { q: 'quiet' },
    positional: {
      kind: 'array',
      minimum: 1,
      parameter: { parse: String, brief: 'Image', placeholder: 'IMAGE' },
    },
  },
  run: resolveImages,
})

/** What is known of one image; the order of keys is that of `--json`. */
interface Resolved {
  readonly image: string
  readonly name: string
  readonly digest: string
  readonly mediaType: string
  readonly size: number
  readonly platforms?: readonly {
    readonly platform: string
    readonly digest: string
    readonly size: number
  }[]
}

async function resolveImages(context: CliContext, flags: Flags, ...images: string[]): Promise<void> {
  const { output, signal } = context
  const locations = images.map((image) => parseLocation(image))
  await withPlaces(context, flags, locations, async ({ places }) => {
    const { results, errors } = await settleEach(
      locations,
      (location) => resolveOne(places, location, flags, signal),
      signal,
    )
    if (flags.json === true) output.json({ images: results, ...errorsJson(errors) })
    else for (const one of results) printResolved(context, one, flags)
    for (const { error } of errors) output.fail(error)
  })
}

async function resolveOne(
  places: Places,
  location: Location,
  flags: Flags,
  signal: AbortSignal,
): Promise<Resolved> {
  await using opened = await places.openSource(location, { signal })
  const { source, name } = opened
  const wantsPlatforms = flags.quiet !== true || flags.platform !== undefined
  const root = await source.resolve(name, { signal })
  if (!wantsPlatforms || !isIndex(root.mediaType)) return describe(location, root)

  const { manifest } = await findManifest(source, root.digest, { signal })
  if (manifest.kind !== 'index') return describe(location, root)
  if (flags.platform !== undefined)
    return describe(location, platformEntry(manifest.manifests, flags.platform, source.display))
  const platforms = manifest.manifests
    .filter((entry) => !isAttestationEntry(entry))
    .map(({ platform, digest, size }) => ({
      platform: platform === undefined ? '' : formatPlatform(platform),
      digest,
      size,
    }))
  return { ...describe(location, root), platforms }
}

function describe(location: Location, { digest, mediaType, size }: Descriptor): Resolved {
  return { image: location.text, name: `${imageName(location)}@${digest}`, digest, mediaType, size }
}

function printResolved({ output }: CliContext, resolved: Resolved, flags: Flags): void {
  const { style } = output
  if (flags.quiet === true) {
    output.line(resolved.name)
    return
  }
  output.line(style.bold(safeText(resolved.name)))
  const platforms = resolved.platforms ?? []
  const widest = Math.max(0, ...platforms.map(({ platform }) => platform.length))
  for (const { platform, digest, size } of platforms) {
    const name = safeText(platform)
    const line = `  ${name.padEnd(widest)}  ${digest}  ${style.dim(formatBytes(size))}`
    // A digest that a narrow terminal breaks is hard to read and to copy.
    if (textWidth(line) <= (output.width ?? Infinity)) output.line(line)
    else for (const part of [`  ${name}  ${style.dim(formatBytes(size))}`, `    ${digest}`]) output.line(part)
  }
}
