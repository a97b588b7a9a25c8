import { UsageError } from '../../errors/index.ts'
import { copyBetween, type Location, parseLocation } from '../../images/index.ts'
import { parsePlatform, type Platform } from '../../oci/index.ts'
import { parseTagFilter } from '../../tags/index.ts'
import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { wantedPlatform } from '../wanted-platform.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { parseCount } from '../parse-count.ts'
import { type PlaceFlags, placeFlags } from '../place-flags.ts'
import { reportCopy, sayWouldCopy } from '../report-copy.ts'
import { withPlaces } from '../with-places.ts'

type Flags = OutputFlags &
  PlaceFlags & {
    readonly platform?: readonly Platform[] | undefined
    readonly stripPlatforms?: boolean | undefined
    readonly allTags?: boolean | undefined
    readonly tags?: string | undefined
    readonly noReferrers?: boolean | undefined
    readonly foreignLayers?: boolean | undefined
    readonly forceRecursive?: boolean | undefined
    readonly jobs?: number | undefined
    readonly dryRun?: boolean | undefined
    readonly quiet?: boolean | undefined
    readonly json?: boolean | undefined
    readonly all?: boolean | undefined
    readonly referrers?: boolean | undefined
    readonly digestTags?: boolean | undefined
  }

export const verb: Verb = defineVerb<Flags, [string, ...string[]]>({
  name: 'copy',
  brief: 'Copy images between any two places, with what is attached to them',
  description: [
    'Copies an image byte for byte: all platforms, and the signatures, attestations and SBOMs that refer to it',
    '(by referrers API, fallback tag or cosign’s tags). What the destination has is not sent again.',
    'With --platform the index keeps its bytes and so its digest, and only those platforms are copied;',
    'with --strip-platforms too, a new index is written and its new digest is said.',
    'docker-daemon: and docker-archive: hold single images: they get the platform of this machine, or the one named.',
  ].join('\n'),
  usage: 'SOURCE DESTINATION…',
  examples: [
    { input: 'python:3.12-slim registry.example/python:3.12-slim', brief: 'registry to registry' },
    { input: 'python:3.12-slim oci:images:3.12-slim', brief: 'into a layout directory' },
    { input: '--all-tags ghcr.io/astral-sh/uv registry.example/uv', brief: 'a whole repository' },
    {
      input: "--tags '3.12*' --dry-run python registry.example/python",
      brief: 'some tags; only say what would happen',
    },
  ],
  parameters: {
    flags: {
      platform: {
        kind: 'parsed',
        parse: parsePlatform,
        optional: true,
        variadic: ',',
        placeholder: 'os/arch[/variant]',
        brief: 'Copy only this platform of an index; several times or with commas',
      },
      stripPlatforms: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Rewrite the index to hold only --platform; it gets a new digest',
      },
      allTags: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Copy every tag of the repository',
      },
      tags: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'pattern',
        brief: "Copy the tags that match a glob ('3.12*') or a semver range ('>=3.11')",
      },
      noReferrers: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Leave signatures, attestations and SBOMs behind',
      },
      foreignLayers: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Copy non-distributable layers too, from where their publishers have them',
      },
      forceRecursive: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Look below manifests that the destination has already',
      },
      jobs: {
        kind: 'parsed',
        parse: parseCount,
        optional: true,
        placeholder: 'n',
        brief: 'Blobs under way at a time; default 6',
      },
      dryRun: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Write nothing; say what would be copied',
      },
      quiet: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Print DESTINATION@DIGEST and nothing else',
      },
      ...jsonFlag,
      // What skopeo and regctl need to be told is what happens here anyway.
      all: { kind: 'boolean', optional: true, withNegated: false, hidden: true, brief: 'The default' },
      referrers: { kind: 'boolean', optional: true, withNegated: false, hidden: true, brief: 'The default' },
      digestTags: { kind: 'boolean', optional: true, withNegated: false, hidden: true, brief: 'The default' },
      ...placeFlags,
      ...outputFlags,
    },
    aliases: { a: 'allTags', j: 'jobs', q: 'quiet', n: 'dryRun' },
    positional: {
      kind: 'array',
      minimum: 2,
      parameter: { parse: String, brief: 'Place', placeholder: 'PLACE' },
    },
  },
  run: copy,
})

async function copy(context: CliContext, flags: Flags, ...words: readonly string[]): Promise<void> {
  checkFlags(flags)
  const wholeRepository = flags.allTags === true || flags.tags !== undefined
  const [from, ...to] = words.map((word) => parseLocation(word, { wholeRepository }))
  if (from === undefined)
    throw new UsageError('Cannot copy: there is no source', { hint: 'lading copy SOURCE DESTINATION' })
  if (wholeRepository) for (const location of [from, ...to]) refuseTag(location)

  const toStdout = writesStdout(context, flags, to)
  const tags =
    flags.tags === undefined
      ? flags.allTags === true
        ? everyTag
        : undefined
      : await parseTagFilter(flags.tags)
  await withPlaces(context, flags, [from, ...to], async ({ places, config, progress }) => {
    const dryRun = flags.dryRun ?? false
    const outcome = await copyBetween(
      places,
      {
        from,
        to,
        tags,
        platforms: flags.platform,
        stripPlatforms: flags.stripPlatforms,
        hostPlatform: wantedPlatform(context, config),
      },
      {
        signal: context.signal,
        attachments: flags.noReferrers !== true,
        foreignLayers: flags.foreignLayers ?? false,
        forceRecursive: flags.forceRecursive ?? false,
        dryRun,
        blobsAtOnce: flags.jobs ?? config.defaults?.blobsAtOnce ?? 6,
        onEvent: (event) => {
          if (!dryRun) progress.onCopy(event)
          else if (flags.quiet !== true && flags.json !== true) sayWouldCopy(context, event)
        },
      },
    )
    progress.stop()
    reportCopy(context, { ...flags, toStdout }, outcome)
  })
}

/** Whether an archive goes to standard output, which then holds nothing else. @throws {UsageError} where it cannot. */
function writesStdout(context: CliContext, flags: Flags, to: readonly Location[]): boolean {
  const streams = to.filter((location) => 'path' in location && location.path === '-')
  const [first, second] = streams
  if (first === undefined || flags.dryRun === true) return false
  const hint = 'Name a file, or redirect standard output to one.'
  if (second !== undefined) {
    throw new UsageError(`Cannot copy to ${first.text} and ${second.text}: there is one standard output`, {
      hint,
    })
  }
  if (flags.json === true || flags.quiet === true) {
    throw new UsageError(
      `Cannot copy to ${first.text} with ${flags.json === true ? '--json' : '--quiet'}: standard output is the archive`,
      { hint },
    )
  }
  if (context.stdout().isTTY === true) {
    throw new UsageError(`Cannot copy to ${first.text}: standard output is a terminal`, { hint })
  }
  return true
}

function everyTag(): boolean {
  return true
}

function checkFlags(flags: Flags): void {
  if (flags.allTags === true && flags.tags !== undefined) {
    throw new UsageError('Cannot copy: --all-tags and --tags exclude each other', {
      hint: '--tags PATTERN alone copies what matches.',
    })
  }
  if (flags.stripPlatforms === true && flags.platform === undefined) {
    throw new UsageError('Cannot copy: --strip-platforms needs --platform', {
      hint: '--strip-platforms --platform linux/amd64,linux/arm64',
    })
  }
}

function refuseTag(location: Location): void {
  const name =
    location.kind === 'registry' ? (location.reference.tag ?? location.reference.digest) : location.name
  if (name === undefined) return
  throw new UsageError(`Cannot copy tags with ${location.text}: it names one image`, {
    hint: 'With --all-tags or --tags both places are repositories, layouts or archives, without a tag.',
  })
}
