import type { Compression } from '../../archive/index.ts'
import { UsageError } from '../../errors/index.ts'
import { type GatheredImage, gatherImages, type Location, parseLocation } from '../../images/index.ts'
import {
  type Descriptor,
  isDigest,
  isTag,
  parseReference,
  parsePlatform,
  type Platform,
  withDefaultTag,
  withoutDigest,
} from '../../oci/index.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { fileSize } from '../file-size.ts'
import { imageName } from '../image-name.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { type PlaceFlags, placeFlags } from '../place-flags.ts'
import { wroteLine } from '../render/wrote-line.ts'
import { reportGathered } from '../report-gathered.ts'
import { wantedPlatform } from '../wanted-platform.ts'
import { withPlaces } from '../with-places.ts'
import { archiveOutput } from '../write-stream.ts'

type Flags = OutputFlags &
  PlaceFlags & {
    readonly output?: string | undefined
    readonly compress?: Compression | undefined
    readonly platform?: readonly Platform[] | undefined
    readonly allPlatforms?: boolean | undefined
    readonly referrers?: boolean | undefined
    readonly quiet?: boolean | undefined
    readonly json?: boolean | undefined
  }

export const verb: Verb = defineVerb<Flags, [string, ...string[]]>({
  name: 'save',
  brief: 'Write images to one archive that docker and OCI tools read',
  description: [
    'Writes one tar archive that docker load and podman load read, and that is an OCI image layout for every OCI tool.',
    'Of an index it holds the image for the platform of this machine, or the one named; several platforms keep the',
    'index and its digest, and docker loads that of this machine. The same images give the same bytes. The file',
    'appears only when all images are in it.',
  ].join('\n'),
  usage: 'IMAGE…',
  examples: [
    { input: 'python:3.12-slim -o python.tar', brief: 'for docker load, skopeo, umoci …' },
    { input: 'python:3.12-slim redis:7 -o images.tar.zst', brief: 'two images, compressed' },
    { input: 'python:3.12-slim | ssh host lading load', brief: 'to a machine without a registry' },
    { input: '--all-platforms --referrers python:3.12 -o all.tar', brief: 'everything there is' },
  ],
  parameters: {
    flags: {
      output: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file',
        brief: 'Where to write; default and -: standard output, unless it is a terminal',
      },
      compress: {
        kind: 'enum',
        values: ['none', 'gzip', 'zstd'],
        optional: true,
        brief: "Default: by the file's ending, .gz, .tgz or .zst; layers usually are compressed already",
      },
      platform: {
        kind: 'parsed',
        parse: parsePlatform,
        optional: true,
        variadic: ',',
        placeholder: 'os/arch[/variant]',
        brief: "Which image of an index; several times or with commas; default: this machine's",
      },
      allPlatforms: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'The whole index, with all its images',
      },
      referrers: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Signatures, attestations and SBOMs too',
      },
      quiet: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Print NAME@DIGEST and nothing else',
      },
      json: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Print one JSON object; needs -o FILE',
      },
      ...placeFlags,
      ...outputFlags,
    },
    aliases: { o: 'output', q: 'quiet' },
    positional: {
      kind: 'array',
      minimum: 1,
      parameter: { parse: String, brief: 'Image', placeholder: 'IMAGE' },
    },
  },
  run: saveImages,
})

async function saveImages(context: CliContext, flags: Flags, ...words: readonly string[]): Promise<void> {
  const { signal } = context
  const path = archiveOutput(context, flags.output)
  checkFlags(flags, path)
  const locations = words.map((word) => parseLocation(word))
  await withPlaces(context, flags, locations, async ({ places, config, progress }) => {
    await using stack = new AsyncDisposableStack()
    const images: GatheredImage[] = []
    for (const location of locations) {
      const opened = stack.use(await places.openSource(location, { signal }))
      images.push({ ...opened, as: (root) => archiveNames(location, root) })
    }
    const report = await gatherImages(
      places,
      {
        images,
        to: { kind: 'docker-archive', path: path ?? '-', text: path ?? 'standard output' },
        platforms: flags.platform,
        wholeIndexes: flags.allPlatforms ?? false,
        hostPlatform: wantedPlatform(context, config),
        compression: flags.compress,
      },
      {
        signal,
        attachments: flags.referrers ?? false,
        onEvent: (event) => {
          progress.onCopy(event)
        },
      },
    )
    progress.stop()
    const isWhole = report.results.every(({ ok }) => ok)
    const size = path === undefined || !isWhole ? undefined : await fileSize(path)
    reportGathered(context, path === undefined ? { note: true } : flags, report, {
      verb: 'saved',
      allOrNothing: true,
      head: { file: path ?? '-', size: size ?? null },
      images: locations.map((location, place) => ({
        image: location.text,
        name: (digest) => `${report.results[place]?.job.as[0] ?? imageName(location)}@${digest}`,
      })),
      summary: path === undefined ? undefined : wroteLine(path, size),
    })
  })
}

function checkFlags(flags: Flags, path: string | undefined): void {
  if (flags.allPlatforms === true && flags.platform !== undefined) {
    throw new UsageError('Cannot save: --all-platforms and --platform exclude each other', {
      hint: '--platform linux/amd64,linux/arm64 saves some of them.',
    })
  }
  if (path === undefined && (flags.json === true || flags.quiet === true)) {
    throw new UsageError(
      'Cannot save: standard output is where the archive goes, there is no place for another answer',
      {
        hint: '-o FILE',
      },
    )
  }
}

/** What `docker load` will call an image: its reference where it came by one, else nothing. */
function archiveNames(location: Location, root: Descriptor): readonly string[] {
  switch (location.kind) {
    case 'registry': {
      const { reference } = location
      if (reference.tag !== undefined) return [withoutDigest(reference).familiar]
      return reference.digest === root.digest ? [reference.familiar] : []
    }
    case 'docker-daemon':
      return isDigest(location.name) ? [] : [location.name]
    case 'oci':
    case 'oci-archive':
    case 'docker-archive':
      // A tag alone, as layouts often have it, is no name to Docker.
      return location.name === undefined || isTag(location.name)
        ? []
        : [withDefaultTag(parseReference(location.name)).familiar]
    default:
      return location satisfies never
  }
}
