import { UsageError } from '../../errors/index.ts'
import { type GatheredImage, gatherImages, type Location, parseLocation } from '../../images/index.ts'
import {
  defaultTag,
  type Descriptor,
  isTag,
  InvalidReferenceError,
  parsePlatform,
  parseReference,
  type Platform,
  type Reference,
  withDefaultTag,
} from '../../oci/index.ts'
import { type ArchivedImage, archivedImages } from '../archived-images.ts'
import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { type PlaceFlags, placeFlags } from '../place-flags.ts'
import { safeText } from '../render/safe-text.ts'
import { reportGathered } from '../report-gathered.ts'
import { wantedPlatform } from '../wanted-platform.ts'
import { withPlaces } from '../with-places.ts'

type Flags = OutputFlags &
  PlaceFlags & {
    readonly input?: string | undefined
    readonly platform?: readonly Platform[] | undefined
    readonly noReferrers?: boolean | undefined
    readonly quiet?: boolean | undefined
    readonly json?: boolean | undefined
  }

export const verb: Verb = defineVerb<Flags, string[]>({
  name: 'load',
  brief: 'Read an archive into docker, a registry or a layout',
  description: [
    'Reads what docker save, podman save, lading save or an OCI tool wrote, plain or compressed, and copies all images in',
    'it. DESTINATION is docker-daemon: unless another place is named. A repository without a tag, a layout or an archive',
    'without a name takes every image under its name in the archive; with a tag or name it takes the only one.',
    'Docker gets the image for this machine, other places all platforms that the index has, or the ones named.',
  ].join('\n'),
  usage: '[DESTINATION]',
  examples: [
    { input: '-i images.tar', brief: 'into docker, as docker load' },
    {
      input: '-i python.tar.zst registry.example/python',
      brief: 'to a registry, under the tags in the archive',
    },
    { input: '-i python.tar oci:images', brief: 'into a layout directory' },
    { input: 'registry.example/app:1.2 < app.tar', brief: 'one image, under a name of its own' },
  ],
  parameters: {
    flags: {
      input: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file',
        brief: 'The archive; default and -: standard input, unless it is a terminal',
      },
      platform: {
        kind: 'parsed',
        parse: parsePlatform,
        optional: true,
        variadic: ',',
        placeholder: 'os/arch[/variant]',
        brief: 'Only this platform of an index; several times or with commas',
      },
      noReferrers: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Leave signatures, attestations and SBOMs in the archive behind',
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
    aliases: { i: 'input', q: 'quiet' },
    positional: {
      kind: 'array',
      maximum: 1,
      parameter: { parse: String, brief: 'Place', placeholder: 'DESTINATION' },
    },
  },
  run: loadImages,
})

async function loadImages(context: CliContext, flags: Flags, word: string = wholeDaemon.text): Promise<void> {
  const { signal, output } = context
  const path = archivePath(context, flags.input)
  const to = word === wholeDaemon.text ? wholeDaemon : parseLocation(word, { wholeRepository: true })
  if ('path' in to && to.path === '-') {
    throw new UsageError(`Cannot load into ${to.text}: standard output is where it is said what was loaded`, {
      hint: 'lading copy docker-archive:FILE oci-archive:-',
    })
  }
  await withPlaces(context, flags, [to], async ({ places, config, progress }) => {
    await using opened = await places.openSource(
      // A docker-archive is an OCI archive too where it has no manifest.json.
      { kind: 'docker-archive', path, text: path === '-' ? 'standard input' : path },
      { signal },
    )
    const { source } = opened
    const archived = await archivedImages(source, { signal })
    if (hasName(to) && archived.length > 1) throw tooMany(to, archived)

    const images = archived.map((image): GatheredImage => {
      if (hasName(to)) return { source, name: image.name }
      for (const name of image.names)
        if (nameAt(to, name) === undefined)
          output.warn(
            `${safeText(name)} is no name that ${safeText(to.text)} can have: it goes there without`,
          )
      return { source, name: image.name, as: (root) => namesAt(to, image, root) }
    })
    const isDocker = to.kind === 'docker-daemon' || to.kind === 'docker-archive'
    const report = await gatherImages(
      places,
      {
        images,
        to,
        platforms: flags.platform,
        wholeIndexes: !isDocker,
        hostPlatform: wantedPlatform(context, config),
      },
      {
        signal,
        attachments: !isDocker && flags.noReferrers !== true,
        onEvent: (event) => {
          progress.onCopy(event)
        },
      },
    )
    progress.stop()
    reportGathered(context, flags, report, {
      verb: 'loaded',
      allOrNothing: to.kind !== 'registry' && to.kind !== 'oci',
      head: { file: path, destination: to.text },
      images: report.results.map(({ job }, place) => ({
        image: archived[place]?.names[0] ?? job.name,
        name: (digest) => destinationName(to, job.as, digest),
      })),
    })
  })
}

const wholeDaemon = { kind: 'docker-daemon', name: '', text: 'docker-daemon:' } as const

/** @throws {UsageError} where standard input is a terminal. */
function archivePath(context: CliContext, input: string | undefined): string {
  if (input === '') throw new UsageError('Cannot load: the name of the archive is empty')
  if (input !== undefined && input !== '-') return input
  if (context.stdin().isTTY !== true) return '-'
  throw new UsageError('Cannot load: there is no archive, standard input is a terminal', {
    hint: 'lading load -i FILE',
  })
}

/** Whether a place says what the image is to be called. */
function hasName(to: Location): boolean {
  switch (to.kind) {
    case 'registry':
      return to.reference.tag !== undefined || to.reference.digest !== undefined
    case 'docker-daemon':
      return to.name !== ''
    case 'oci':
    case 'oci-archive':
    case 'docker-archive':
      return to.name !== undefined || to.digest !== undefined
    default:
      return to satisfies never
  }
}

function tooMany(to: Location, archived: readonly ArchivedImage[]): UsageError {
  const names = archived.flatMap((image) => image.names.slice(0, 1)).slice(0, 5)
  return new UsageError(`Cannot load ${archived.length} images as ${to.text}: that names one`, {
    hint: `A destination without a tag takes all: ${names.join(', ')}${archived.length > names.length ? ' …' : ''}`,
  })
}

function namesAt(to: Location, { names }: ArchivedImage, root: Descriptor): readonly string[] {
  const there = names.flatMap((name) => nameAt(to, name) ?? [])
  // A layout lists what has no name under its digest.
  return there.length === 0 && to.kind === 'oci' ? [root.digest] : [...new Set(there)]
}

/** What a name in an archive becomes at a place; undefined where it cannot be one there. */
function nameAt(to: Location, name: string): string | undefined {
  switch (to.kind) {
    case 'registry':
      return isTag(name) ? name : referenceOf(name)?.tag
    case 'docker-daemon':
    case 'docker-archive':
      // A tag alone, as layouts often have it, is no name to Docker.
      return isTag(name) ? undefined : referenceOf(name)?.familiar
    case 'oci':
    case 'oci-archive':
      return name
    default:
      return to satisfies never
  }
}

function referenceOf(name: string): Reference | undefined {
  try {
    return withDefaultTag(parseReference(name))
  } catch (error) {
    if (error instanceof InvalidReferenceError) return undefined
    throw error
  }
}

/** The destination as it can be given to the next command. */
function destinationName(to: Location, names: readonly string[], digest: string): string {
  const [name = defaultTag] = names
  const isNameless = names.length === 0 || name === digest
  switch (to.kind) {
    case 'registry':
      return `${to.reference.familiarName}${isNameless ? '' : `:${name}`}@${digest}`
    case 'docker-daemon':
      return `docker-daemon:${isNameless ? digest : `${name}@${digest}`}`
    case 'oci':
    case 'oci-archive':
    case 'docker-archive':
      return `${to.kind}:${to.path}${isNameless ? '' : `:${name}`}@${digest}`
    default:
      return to satisfies never
  }
}
