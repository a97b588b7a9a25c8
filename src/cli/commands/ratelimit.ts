import { UsageError } from '../../errors/index.ts'
import { parseLocation } from '../../images/index.ts'
import { defaultTag } from '../../oci/index.ts'
import type { RateLimit } from '../../registry/index.ts'
import { jsonFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { type PlaceFlags, placeFlags } from '../place-flags.ts'
import { formatDuration } from '../render/format-duration.ts'
import { safeText } from '../render/safe-text.ts'
import { withPlaces } from '../with-places.ts'

type Flags = OutputFlags &
  PlaceFlags & { readonly quiet?: boolean | undefined; readonly json?: boolean | undefined }

export const verb: Verb = defineVerb<Flags, [string?]>({
  name: 'ratelimit',
  brief: 'Show how many pulls a registry still allows',
  description: [
    'Asks by one HEAD request for an image that is there, which does not count as a pull, with the credentials that a',
    'pull would use. Without an image: Docker Hub, by the image that it keeps for this. Not every registry tells.',
    '--json prints {registry, limit, remaining, windowSeconds, source}; null where the registry does not tell.',
  ].join('\n'),
  usage: '[IMAGE]',
  examples: [
    { input: '', brief: 'Docker Hub' },
    { input: '--quiet', brief: 'the number of pulls left, for scripts' },
    { input: 'registry.example/team/app:1.0', brief: 'another registry' },
  ],
  parameters: {
    flags: {
      quiet: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Print the number of pulls left and nothing else',
      },
      ...jsonFlag,
      ...placeFlags,
      ...outputFlags,
    },
    aliases: { q: 'quiet' },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, brief: 'Image', placeholder: 'IMAGE', optional: true }],
    },
  },
  run: showRateLimit,
})

/** @see https://docs.docker.com/docker-hub/usage/pulls/#view-pull-rate-and-limit */
const dockersImage = 'docker.io/ratelimitpreview/test'

async function showRateLimit(context: CliContext, flags: Flags, image = dockersImage): Promise<void> {
  const { output, signal } = context
  const location = parseLocation(image)
  if (location.kind !== 'registry') {
    throw new UsageError(`Cannot ask ${image} for its rate limit: only registries have one`, {
      hint: 'lading ratelimit registry.example/team/app:1.0',
    })
  }
  const { domain, digest, tag = defaultTag } = location.reference
  await withPlaces(context, flags, [location], async ({ places }) => {
    const repository = places.registry.repository(location.reference)
    const told = await repository.rateLimit(digest ?? tag, { signal })
    if (flags.json === true) {
      output.json({
        registry: domain,
        limit: told?.limit ?? null,
        remaining: told?.remaining ?? null,
        windowSeconds: told?.windowSeconds ?? null,
        source: told?.source ?? null,
      })
    } else if (told === undefined) {
      const answer = `${domain} tells of no rate limit`
      if (flags.quiet === true) output.note(answer)
      else output.line(answer)
    } else {
      output.line(flags.quiet === true ? String(told.remaining) : sentence(domain, told))
    }
  })
}

function sentence(registry: string, { limit, remaining, windowSeconds, source }: RateLimit): string {
  const window = windowSeconds === undefined ? '' : ` in ${formatDuration(windowSeconds)}`
  const counted = source === undefined ? '' : `, counted for ${safeText(source)}`
  return `${registry}: ${remaining} of ${limit} pulls${window} left${counted}`
}
