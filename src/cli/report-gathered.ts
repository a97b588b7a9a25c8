import type { CopyReport } from '../content/index.ts'
import type { CliContext } from './context.ts'
import { errorJson } from './error-json.ts'
import { safeText } from './render/safe-text.ts'

/** How to say what became of images. */
export interface GatheredNames {
  /** What was done to them: `saved`. */
  readonly verb: string
  /** First members of the `--json` object. */
  readonly head: Readonly<Record<string, unknown>>
  /** In the order of the report's results. */
  readonly images: readonly {
    /** As it was named. */
    readonly image: string
    /** What to call it with its digest. */
    readonly name: (digest: string) => string
  }[]
  /** Whether there is all or nothing, as in an archive: images that went well are lost with one that did not. */
  readonly allOrNothing: boolean
  /** A line for stderr when all went well. */
  readonly summary?: string | undefined
}

/** Where the answer goes. */
export interface ReportFlags {
  readonly quiet?: boolean | undefined
  readonly json?: boolean | undefined
  /** Standard output is taken: lines go to stderr. */
  readonly note?: boolean
}

/** Says what became of images that were gathered; those that failed set the exit code. */
export function reportGathered(
  { output }: CliContext,
  flags: ReportFlags,
  { results, counts }: CopyReport,
  { verb, head, images, allOrNothing, summary }: GatheredNames,
): void {
  const { style, errorStyle } = output
  const isWhole = results.every(({ ok }) => ok)
  const isThere = isWhole || !allOrNothing
  const ended = results.map((result, place) => ({ result, image: images[place] }))
  if (flags.json === true) {
    output.json({
      ...head,
      complete: isWhole,
      images: ended.map(({ result, image }) => ({
        image: image?.image ?? result.job.name,
        names: result.job.as,
        ...(result.ok
          ? {
              reference: image?.name(result.root.digest) ?? result.root.digest,
              digest: result.root.digest,
              mediaType: result.root.mediaType,
              attachments: result.attachments,
            }
          : { error: errorJson(result.error) }),
      })),
      counts,
    })
  } else {
    for (const { result, image } of ended) {
      if (!result.ok || !isThere) continue
      const name = image?.name(result.root.digest) ?? result.root.digest
      if (flags.quiet === true) output.line(safeText(name))
      else if (flags.note === true) output.note(`${errorStyle.green(verb)} ${safeText(name)}`)
      else output.line(`${style.green(verb)} ${safeText(name)}`)
    }
  }
  for (const { result } of ended) if (!result.ok) output.fail(result.error)
  if (!isThere && results.length > 1) output.note(`Nothing was ${verb}: it is all images or none.`)
  if (isWhole && summary !== undefined && flags.quiet !== true && flags.json !== true)
    output.note(errorStyle.dim(summary))
}
