import { LimitExceededError, type Source, UnsupportedError } from '../../content/index.ts'
import { UsageError } from '../../errors/index.ts'
import { type Location, parseLocation, type Places } from '../../images/index.ts'
import { type Digest, isDigest } from '../../oci/index.ts'
import { compareTags, parseTagFilter, type TagFilter } from '../../tags/index.ts'
import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { parseCount } from '../parse-count.ts'
import { type PlaceFlags, placeFlags } from '../place-flags.ts'
import { safeText } from '../render/safe-text.ts'
import { tagsOnDigest } from '../tags-on-digest.ts'
import { withPlaces } from '../with-places.ts'

type Flags = OutputFlags &
  PlaceFlags & {
    readonly filter?: readonly string[] | undefined
    readonly digest?: string | undefined
    readonly limit?: number | undefined
    readonly json?: boolean | undefined
  }

export const verb: Verb = defineVerb<Flags, [string]>({
  name: 'tags',
  brief: 'List the tags of a repository',
  description: [
    'Prints one tag a line, the highest version last: 3.9, 3.10, 3.11-rc1, 3.11, 3.11-slim; before them tags that are',
    'no version. What --limit leaves are the last ones.',
    'A filter is a glob, or a range of versions as npm writes it where it starts with ^ ~ < > or =, holds || or " - ",',
    'or reads like 3.x. A range means releases: 3.13-slim is not in ^3.12. Several filters: any of them.',
    'With --digest each tag is asked for by one HEAD request, which Docker Hub does not count as a pull, eight at a',
    'time; --filter and --limit spare some. The digest of a multi-platform image is that of its index.',
    '--json prints {repository, tags} and, with --digest, the digest.',
  ].join('\n'),
  usage: 'REPOSITORY',
  examples: [
    { input: 'python', brief: 'all of them' },
    { input: "--filter '^3.12' --limit 5 python", brief: 'the five highest in a range' },
    { input: "--digest python:3.12 --filter '3.*' python", brief: 'what else the image is called' },
    { input: 'oci:images', brief: 'of a layout' },
  ],
  parameters: {
    flags: {
      filter: {
        kind: 'parsed',
        parse: String,
        optional: true,
        variadic: true,
        placeholder: 'glob|range',
        brief: 'Only tags like these; may be given several times',
      },
      digest: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'digest|image',
        brief: 'Only tags on this digest, or on the one that this image has now',
      },
      limit: {
        kind: 'parsed',
        parse: parseCount,
        optional: true,
        placeholder: 'count',
        brief: 'Only so many: the highest versions of what --filter leaves',
      },
      ...jsonFlag,
      ...placeFlags,
      ...outputFlags,
    },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, brief: 'Repository', placeholder: 'REPOSITORY' }],
    },
  },
  run: listTags,
})

/** Docker's largest repositories have some 10,000; each tag is at most 128 bytes. */
const mostTags = 1_000_000

async function listTags(context: CliContext, flags: Flags, repository: string): Promise<void> {
  const { output, signal } = context
  const location = parseLocation(repository, { wholeRepository: true })
  refuseTag(location)
  const filters = await Promise.all((flags.filter ?? []).map((text) => parseTagFilter(text)))
  const wanted =
    flags.digest === undefined || isDigest(flags.digest) ? undefined : parseLocation(flags.digest)
  const locations = wanted === undefined ? [location] : [location, wanted]
  await withPlaces(context, flags, locations, async ({ places }) => {
    await using opened = await places.openSource(location, { signal })
    const { source } = opened
    const digest = wanted === undefined ? asDigest(flags.digest) : await digestOfImage(places, wanted, signal)
    const tags = await sortedTags(source, filters, signal)
    const shown =
      digest === undefined
        ? tags.slice(-(flags.limit ?? tags.length))
        : await tagsOnDigest(source, tags, digest, { limit: flags.limit, output, signal })

    if (flags.json === true) {
      output.json({ repository: source.display, ...(digest === undefined ? {} : { digest }), tags: shown })
      return
    }
    for (const tag of shown) output.line(safeText(tag))
    if (shown.length === 0) output.note(nothingFound(source, filters.length > 0, digest))
  })
}

function asDigest(text: string | undefined): Digest | undefined {
  return text !== undefined && isDigest(text) ? text : undefined
}

function refuseTag(location: Location): void {
  const refuse = (what: string, hint: string): never => {
    throw new UsageError(`Cannot list the tags of ${location.text}: ${what}`, { hint })
  }
  switch (location.kind) {
    case 'registry': {
      const { tag, digest, familiarName } = location.reference
      if (tag !== undefined)
        refuse('that is one image, not a repository', `lading tags --filter '${tag}*' ${familiarName}`)
      if (digest !== undefined)
        refuse('that is one image, not a repository', `lading tags --digest ${digest} ${familiarName}`)
      return
    }
    case 'docker-daemon':
      return refuse('an engine is not a repository', 'docker image ls')
    case 'oci':
    case 'oci-archive':
    case 'docker-archive': {
      const whole = `${location.kind}:${location.path}`
      if (location.name !== undefined)
        refuse('that is one image, not all of them', `lading tags --filter '${location.name}*' ${whole}`)
      if (location.digest !== undefined)
        refuse('that is one image, not all of them', `lading tags --digest ${location.digest} ${whole}`)
      return
    }
    default:
      location satisfies never
  }
}

async function digestOfImage(places: Places, location: Location, signal: AbortSignal): Promise<Digest> {
  await using opened = await places.openSource(location, { signal })
  return (await opened.source.resolve(opened.name, { signal })).digest
}

async function sortedTags(
  source: Source,
  filters: readonly TagFilter[],
  signal: AbortSignal,
): Promise<string[]> {
  if (source.tags === undefined)
    throw new UnsupportedError(`Cannot list the tags of ${source.display}: it does not list them`)
  const tags = new Set<string>()
  for await (const tag of source.tags({ signal })) {
    if (filters.length > 0 && !filters.some((matches) => matches(tag))) continue
    if (tags.size >= mostTags)
      throw new LimitExceededError(
        `Cannot list the tags of ${source.display}: there are more than ${mostTags}`,
      )
    tags.add(tag)
  }
  return [...tags].toSorted(compareTags)
}

function nothingFound(source: Source, isFiltered: boolean, digest: Digest | undefined): string {
  const place = safeText(source.display)
  if (digest !== undefined) return `${place} has no such tag on ${digest}`
  return isFiltered ? `${place} has no tag that passes the filter` : `${place} has no tags`
}
