import type { CopyEvent } from '../content/index.ts'
import type { CopyOutcome, Location } from '../images/index.ts'
import { compareTags } from '../tags/index.ts'
import type { CliContext } from './context.ts'
import { errorJson } from './error-json.ts'
import { count } from './render/count.ts'
import { formatBytes } from './render/format-bytes.ts'
import { safeText } from './render/safe-text.ts'

/** What of the flags of `copy` its answer depends on. */
export interface ReportFlags {
  readonly dryRun?: boolean | undefined
  readonly quiet?: boolean | undefined
  readonly json?: boolean | undefined
  /** Standard output is an archive: the answer goes where notes go. */
  readonly toStdout?: boolean | undefined
}

/** Says what a copy did, and what it could not do; sets the exit code. */
export function reportCopy(
  { output }: CliContext,
  flags: ReportFlags,
  { results, counts, destinations }: CopyOutcome,
): void {
  const images = results.map((result, index) => {
    const location = destinations[index]
    const destination =
      location === undefined ? '' : destinationName(location, result.job.as, result.root?.digest ?? '')
    return { result, source: result.job.source.display, name: result.job.name, destination, location }
  })
  if (flags.json === true) {
    output.json({
      dryRun: flags.dryRun ?? false,
      images: images.map(({ result, source, name, destination, location }) => ({
        source,
        name,
        destination: location?.text ?? '',
        tags: result.job.as,
        ...(result.ok
          ? {
              reference: destination,
              digest: result.root.digest,
              mediaType: result.root.mediaType,
              attachments: result.attachments,
            }
          : { error: errorJson(result.error) }),
      })),
      counts,
    })
  } else if (flags.quiet === true) {
    for (const { result, destination } of images) if (result.ok) output.line(safeText(destination))
  } else {
    const done = images
      .filter(({ result }) => result.ok)
      .toSorted((one, other) => compareTags(one.name, other.name))
    const style = flags.toStdout === true ? output.errorStyle : output.style
    for (const { destination } of done) {
      const line = `${style.green(flags.dryRun === true ? 'would be' : 'copied')} ${safeText(destination)}`
      if (flags.toStdout === true) output.note(line)
      else output.line(line)
    }
    output.note(output.errorStyle.dim(summary(results, counts, flags.dryRun ?? false)))
  }
  const failed = images.filter(({ result }) => !result.ok)
  for (const { result } of failed) if (!result.ok) output.fail(result.error)
  if (failed.length > 0 && images.length > 1) {
    output.note(
      `${failed.length} of ${count(images.length, 'image')} were not copied: ${failed.map(({ name }) => safeText(name)).join(', ')}`,
    )
  }
}

/** Says what a dry run would do, step by step. */
export function sayWouldCopy({ output }: CliContext, event: CopyEvent): void {
  if (event.type === 'tagged') output.line(`would tag   ${safeText(event.name)}  ${event.descriptor.digest}`)
  else if (event.type === 'finished' && event.outcome === 'copied') {
    output.line(
      `would copy  ${event.kind.padEnd(8)}  ${event.descriptor.digest}  ${formatBytes(event.descriptor.size)}`,
    )
  }
}

/** The destination as it can be given to the next command. */
function destinationName(location: Location, names: readonly string[], digest: string): string {
  switch (location.kind) {
    case 'registry': {
      const [name] = names
      return `${location.reference.familiarName}${name === undefined ? '' : `:${name}`}@${digest}`
    }
    case 'docker-daemon':
      return location.text
    case 'oci':
    case 'oci-archive':
    case 'docker-archive': {
      const [name] = names
      return `${location.kind}:${location.path}${name === undefined || name === digest ? '' : `:${name}`}@${digest}`
    }
    default:
      return location satisfies never
  }
}

function summary(
  results: CopyOutcome['results'],
  { blobs, bytes, manifests }: CopyOutcome['counts'],
  dryRun: boolean,
): string {
  const attachments = results.reduce((sum, result) => sum + (result.ok ? result.attachments : 0), 0)
  const parts = [
    `${count(manifests.copied, 'manifest')} and ${count(blobs.copied, 'blob')} ${dryRun ? 'would be copied' : 'copied'} (${formatBytes(bytes)})`,
    ...(blobs.mounted > 0 ? [`${blobs.mounted} mounted`] : []),
    ...(blobs.existed + manifests.existed > 0 ? [`${blobs.existed + manifests.existed} there already`] : []),
    ...(blobs.foreign > 0 ? [`${count(blobs.foreign, 'foreign layer')} left where published`] : []),
    ...(attachments > 0
      ? [
          `${count(attachments, 'signature, attestation or SBOM', 'signatures, attestations or SBOMs')} among them`,
        ]
      : []),
  ]
  return parts.join(', ')
}
