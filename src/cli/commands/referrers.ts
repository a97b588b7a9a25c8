import { findManifest, parseLocation } from '../../images/index.ts'
import { parsePlatform, type Platform } from '../../oci/index.ts'
import type { Attached, AttachedImage } from '../attachments/attached.ts'
import { findAttached } from '../attachments/find-attached.ts'
import { onlyOfType } from '../attachments/only-of-type.ts'
import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { imageName } from '../image-name.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { type PlaceFlags, placeFlags } from '../place-flags.ts'
import { attachedLines } from '../render/attached-lines.ts'
import { safeText } from '../render/safe-text.ts'
import { withPlaces } from '../with-places.ts'

type Flags = OutputFlags &
  PlaceFlags & {
    readonly artifactType?: string | undefined
    readonly platform?: Platform | undefined
    readonly quiet?: boolean | undefined
    readonly json?: boolean | undefined
  }

export const verb: Verb = defineVerb<Flags, [string]>({
  name: 'referrers',
  brief: 'Show signatures, attestations and SBOMs of an image',
  description: [
    'Shows what is attached to an image, to each platform of an index, and to the attachments in turn: referrers (by',
    "the registry's API or the fallback tag), cosign's older tags .sig, .att and .sbom, and BuildKit's attestations in",
    'the index. Sizes are those of manifest, config and layers together. Nothing is verified but digests:',
    'who claims to have signed may be anybody, which lading verify finds out.',
    'Where a listing fails the exit code is 3: that nothing is attached is only said when it was looked for.',
    '--json prints {image, name, digest, mediaType, attached, platforms}.',
  ].join('\n'),
  usage: 'IMAGE',
  examples: [
    { input: 'ghcr.io/sigstore/cosign/cosign:v3.0.2', brief: 'all there is, as a tree' },
    { input: '--platform linux/amd64 moby/buildkit', brief: 'of one platform' },
    {
      input: '--quiet --artifact-type application/spdx+json registry.example/app',
      brief: 'NAME@DIGEST of each SBOM',
    },
  ],
  parameters: {
    flags: {
      artifactType: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'type',
        brief: 'Only attachments of this type, and what they hang on',
      },
      platform: {
        kind: 'parsed',
        parse: parsePlatform,
        optional: true,
        placeholder: 'os/arch[/variant]',
        brief: 'Of an index only this platform, and the index itself',
      },
      quiet: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Print NAME@DIGEST of each attachment and nothing else',
      },
      ...jsonFlag,
      ...placeFlags,
      ...outputFlags,
    },
    aliases: { q: 'quiet' },
    positional: { kind: 'tuple', parameters: [{ parse: String, brief: 'Image', placeholder: 'IMAGE' }] },
  },
  run: showReferrers,
})

async function showReferrers(context: CliContext, flags: Flags, image: string): Promise<void> {
  const { output, signal } = context
  const location = parseLocation(image)
  await withPlaces(context, flags, [location], async ({ places }) => {
    await using opened = await places.openSource(location, { signal })
    const root = await findManifest(opened.source, opened.name, { signal })
    const { digest, mediaType } = root.descriptor
    const name = imageName(location)
    const found: AttachedImage = {
      image,
      name: `${name}@${digest}`,
      digest,
      mediaType,
      ...(await findAttached(opened.source, root, { platform: flags.platform, signal })),
    }
    const wanted = flags.artifactType === undefined ? found : onlyOfType(found, flags.artifactType)
    const matches = allAttached(wanted).filter(
      ({ type }) => flags.artifactType === undefined || type === flags.artifactType,
    )

    if (flags.json === true) output.json(wanted)
    else if (matches.length === 0) output.note(nothing(image, flags.artifactType))
    else if (flags.quiet === true) for (const one of matches) output.line(`${name}@${one.digest}`)
    else for (const line of attachedLines(wanted, output.style)) output.line(line)
  })
}

function allAttached({ attached, platforms }: AttachedImage): Attached[] {
  return [...attached, ...(platforms ?? []).flatMap((platform) => platform.attached)].flatMap(withOwn)
}

function withOwn(one: Attached): Attached[] {
  return [one, ...one.attached.flatMap(withOwn)]
}

function nothing(image: string, type: string | undefined): string {
  return safeText(
    type === undefined
      ? `Nothing is attached to ${image}`
      : `Nothing of type ${type} is attached to ${image}`,
  )
}
