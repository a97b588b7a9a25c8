import { createLimiter, lookUp, type Deleter, type Source, UnsupportedError } from '../../content/index.ts'
import { type Location, parseLocation } from '../../images/index.ts'
import type { Descriptor, Digest } from '../../oci/index.ts'
import { canAsk, confirm } from '../ask.ts'
import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { errorJson } from '../error-json.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { type PlaceFlags, placeFlags } from '../place-flags.ts'
import { safeText } from '../render/safe-text.ts'
import { withPlaces } from '../with-places.ts'

type Flags = OutputFlags &
  PlaceFlags & {
    readonly apply?: boolean | undefined
    readonly json?: boolean | undefined
  }

/** Tags whose digest is looked up to say which go with a digest; more than this takes too long to ask for. */
const tagsLookedUp = 1000

export const verb: Verb = defineVerb<Flags, string[]>({
  name: 'delete',
  brief: 'Delete tags or images',
  description: [
    'NAME:TAG deletes the tag alone: what it pointed to stays, and so do its other tags. NAME@DIGEST deletes the image and',
    'every tag on it. What would go is shown first; it goes at a yes on the terminal, or elsewhere with --apply.',
  ].join('\n'),
  usage: 'IMAGE…',
  examples: [
    { input: 'registry.example/app:1.0.0-rc1', brief: 'a tag; asks first' },
    { input: 'registry.example/app@sha256:…', brief: 'an image with every tag on it' },
    { input: '--apply registry.example/app:pr-17', brief: 'in a script' },
  ],
  parameters: {
    flags: {
      apply: { kind: 'boolean', optional: true, withNegated: false, brief: 'Delete without asking' },
      ...jsonFlag,
      ...placeFlags,
      ...outputFlags,
    },
    positional: {
      kind: 'array',
      minimum: 1,
      parameter: { parse: String, brief: 'Image', placeholder: 'IMAGE' },
    },
  },
  run: deleteImages,
})

interface Deletion {
  readonly location: Location
  readonly deleter: Deleter
  readonly root: Descriptor
  /** Set when the tag alone goes. */
  readonly tag: string | undefined
  /** Tags that go with a digest; undefined when they are too many to look at or cannot be listed. */
  readonly tagsToo: readonly string[] | undefined
  /** What refers to it and is left without its subject. */
  readonly referrers: readonly Descriptor[]
}

async function deleteImages(context: CliContext, flags: Flags, ...images: readonly string[]): Promise<void> {
  const { output, signal } = context
  const locations = images.map((image) => parseLocation(image))
  await withPlaces(context, flags, locations, async ({ places }) => {
    await using stack = new AsyncDisposableStack()
    const deletions: Deletion[] = []
    for (const location of locations) {
      const source = stack.use(await places.openSource(location, { signal }))
      const target = stack.use(await places.openTarget(location, { signal }))
      if (target.deleter === undefined) {
        throw new UnsupportedError(`Cannot delete from ${location.text}: only registries and layouts delete`)
      }
      deletions.push(await plan(location, source.source, target.deleter, source.name, signal))
    }

    if (flags.json !== true) for (const deletion of deletions) sayPlan(context, deletion)
    const isMeant = flags.apply === true || (canAsk(context) && (await confirm(context, question(deletions))))
    const errors = isMeant ? await apply(context, flags, deletions) : []
    if (flags.json === true) output.json(report(deletions, isMeant, errors))
    if (!isMeant) output.note(`nothing was deleted${canAsk(context) ? '' : '; --apply deletes'}`)
    for (const { error } of errors) output.fail(error)
  })
}

async function plan(
  location: Location,
  source: Source,
  deleter: Deleter,
  name: string,
  signal: AbortSignal,
): Promise<Deletion> {
  const root = await source.resolve(name, { signal })
  const tag = name === root.digest || name === '' ? undefined : name
  const referrers = tag === undefined ? ((await source.referrers?.(root.digest, { signal })) ?? []) : []
  const tagsToo = tag === undefined ? await tagsOn(source, root.digest, signal) : []
  return { location, deleter, root, tag, tagsToo, referrers }
}

async function tagsOn(
  source: Source,
  digest: Digest,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  if (source.tags === undefined) return undefined
  const tags: string[] = []
  for await (const tag of source.tags({ signal })) {
    tags.push(tag)
    if (tags.length > tagsLookedUp) return undefined
  }
  const limiter = createLimiter(8)
  const found = await Promise.all(
    tags.map((tag) =>
      limiter.run(async () => ((await lookUp(source, tag, { signal }))?.digest === digest ? [tag] : [])),
    ),
  )
  return found.flat()
}

function sayPlan({ output }: CliContext, { location, root, tag, tagsToo, referrers }: Deletion): void {
  const { style } = output
  if (tag !== undefined) {
    output.line(`${style.bold(safeText(location.text))}: the tag alone; ${root.digest} stays`)
    return
  }
  output.line(`${style.bold(safeText(location.text))}: the image`)
  if (tagsToo === undefined) output.line('  with every tag on it (there are too many tags to look which)')
  else
    output.line(
      `  with ${tagsToo.length === 0 ? 'no tag' : `the tags ${tagsToo.map((name) => safeText(name)).join(', ')}`}`,
    )
  for (const { artifactType, mediaType, digest } of referrers) {
    output.line(`  leaving without its subject: ${safeText(artifactType ?? mediaType)} ${digest}`)
  }
}

function question(deletions: readonly Deletion[]): string {
  return deletions.length === 1 ? 'Delete it?' : `Delete these ${deletions.length}?`
}

async function apply(
  { output, signal }: CliContext,
  flags: Flags,
  deletions: readonly Deletion[],
): Promise<readonly { readonly deletion: Deletion; readonly error: unknown }[]> {
  const errors: { deletion: Deletion; error: unknown }[] = []
  for (const deletion of deletions) {
    const { deleter, tag, root, location } = deletion
    try {
      if (tag === undefined) await deleter.delete(root, { signal })
      else await deleter.untag(tag, { signal })
      if (flags.json !== true) output.line(`${output.style.green('deleted')} ${safeText(location.text)}`)
    } catch (error) {
      signal.throwIfAborted()
      errors.push({ deletion, error })
    }
  }
  return errors
}

function report(
  deletions: readonly Deletion[],
  applied: boolean,
  errors: readonly { readonly deletion: Deletion; readonly error: unknown }[],
): unknown {
  return {
    applied,
    deletions: deletions.map((deletion) => {
      const failed = errors.find((error) => error.deletion === deletion)
      return {
        image: deletion.location.text,
        digest: deletion.root.digest,
        kind: deletion.tag === undefined ? 'image' : 'tag',
        tags: deletion.tag === undefined ? (deletion.tagsToo ?? null) : [deletion.tag],
        referrers: deletion.referrers.map(({ digest }) => digest),
        deleted: applied && failed === undefined,
        ...(failed === undefined ? {} : { error: errorJson(failed.error) }),
      }
    }),
  }
}
