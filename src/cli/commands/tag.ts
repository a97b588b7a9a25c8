import { UsageError } from '../../errors/index.ts'
import { type Location, parseLocation } from '../../images/index.ts'
import { isTag } from '../../oci/index.ts'
import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { errorJson } from '../error-json.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { type PlaceFlags, placeFlags } from '../place-flags.ts'
import { safeText } from '../render/safe-text.ts'
import { withPlaces } from '../with-places.ts'

type Flags = OutputFlags & PlaceFlags & { readonly json?: boolean | undefined }

export const verb: Verb = defineVerb<Flags, [string, ...string[]]>({
  name: 'tag',
  brief: 'Give an image new tags',
  description: [
    'Looks the image up once and points each new tag of the same repository, or of the same layout, to it. Nothing is',
    'downloaded or uploaded but the manifest. When one fails the others are still tried, and it is said which are set.',
  ].join('\n'),
  usage: 'IMAGE TAG…',
  examples: [
    { input: 'registry.example/app:1.4.2 1.4 1 latest', brief: 'several tags at once' },
    { input: 'registry.example/app@sha256:… stable', brief: 'by digest: what it is cannot move meanwhile' },
    { input: 'oci:images:1.4.2 latest', brief: 'in a layout' },
  ],
  parameters: {
    flags: {
      ...jsonFlag,
      ...placeFlags,
      ...outputFlags,
    },
    positional: {
      kind: 'array',
      minimum: 2,
      parameter: { parse: String, brief: 'Image or tag', placeholder: 'TAG' },
    },
  },
  run: setTags,
})

async function setTags(
  context: CliContext,
  flags: Flags,
  image: string,
  ...words: readonly string[]
): Promise<void> {
  const { output, signal } = context
  const location = parseLocation(image)
  if (location.kind !== 'registry' && location.kind !== 'oci') {
    throw new UsageError(`Cannot tag ${image}: tags are set in registries and layouts`, {
      hint: 'lading copy SOURCE DESTINATION gives an image another name elsewhere.',
    })
  }
  const tags = words.map((word) => tagOf(word, location))
  await withPlaces(context, flags, [location], async ({ places }) => {
    await using source = await places.openSource(location, { signal })
    await using target = await places.openTarget(location, { signal })
    const root = await source.source.resolve(source.name, { signal })
    const set: string[] = []
    const failed: { tag: string; error: unknown }[] = []
    for (const tag of tags) {
      try {
        await target.target.tag(root, tag, { signal })
        set.push(tag)
        if (flags.json !== true)
          output.line(
            `${output.style.green('tagged')} ${safeText(`${source.source.display}:${tag}@${root.digest}`)}`,
          )
      } catch (error) {
        signal.throwIfAborted()
        failed.push({ tag, error })
      }
    }
    if (flags.json === true) {
      output.json({
        image,
        digest: root.digest,
        tags: set,
        ...(failed.length === 0
          ? {}
          : { errors: failed.map(({ tag, error }) => ({ tag, ...errorJson(error) })) }),
      })
    }
    for (const { error } of failed) output.fail(error)
    if (failed.length > 0) {
      output.note(
        `set: ${set.length === 0 ? 'none' : set.join(', ')}; not set: ${failed.map(({ tag }) => tag).join(', ')}`,
      )
    }
  })
}

/** A tag, or as docker writes it the whole reference with the tag. */
function tagOf(word: string, location: Location): string {
  if (isTag(word)) return word
  if (location.kind === 'oci') return word
  const other = parseLocation(word)
  if (location.kind === 'registry' && other.kind === 'registry' && other.reference.digest === undefined) {
    if (other.reference.name === location.reference.name && other.reference.tag !== undefined)
      return other.reference.tag
    throw new UsageError(`Cannot tag ${location.text} as ${word}: that is another repository`, {
      hint: `lading copy ${location.text} ${word}`,
    })
  }
  throw new UsageError(`Cannot tag ${location.text} as ${word}: that is not a tag`, {
    hint: 'A tag has up to 128 letters, digits, ".", "_" and "-", and begins with none of the last two.',
  })
}
