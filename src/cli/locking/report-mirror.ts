import type { Mirror } from '../../lock/index.ts'
import { type Reference, withTag } from '../../oci/index.ts'
import type { CliContext } from '../context.ts'
import { errorJson } from '../error-json.ts'
import { count } from '../render/count.ts'
import { formatBytes } from '../render/format-bytes.ts'
import { imageText } from '../render/image-text.ts'
import type { MirrorReport, MirrorResult } from './copy-to-mirror.ts'

/** What of the flags of `mirror` its answer depends on. */
export interface ReportMirrorFlags {
  readonly dryRun: boolean
  readonly json: boolean
  readonly mirror: Mirror
}

/** Says what is in the mirror now, and what could not be brought there; sets the exit code. */
export function reportMirror(
  { output }: CliContext,
  { dryRun, json, mirror }: ReportMirrorFlags,
  { counts, results }: MirrorReport,
): void {
  if (json) output.json({ dryRun, mirror: mirror.name, images: results.map(imageAnswer), counts })
  else {
    for (const { image, ok } of results)
      if (ok) output.line(`${imageText(image.key)}  ${imageText(at(image).canonical)}`)
    const copied = `${count(counts.manifests.copied, 'manifest')} and ${count(counts.blobs.copied, 'blob')}`
    output.note(`${copied} ${dryRun ? 'would be copied' : 'copied'} (${formatBytes(counts.bytes)})`)
  }
  const failed = results.flatMap((result) => (result.ok ? [] : [result]))
  for (const { error } of failed) output.fail(error)
  if (failed.length === 0) return
  const names = failed.map(({ image }) => imageText(image.key)).join(', ')
  output.note(`not copied, ${failed.length} of ${count(results.length, 'image')}: ${names}`)
}

function imageAnswer(result: MirrorResult): unknown {
  const { image } = result
  return {
    image: image.key,
    mirror: at(image).canonical,
    digest: image.root.digest,
    ...(result.ok ? { attachments: result.attachments } : { error: errorJson(result.error) }),
  }
}

function at({ tag, to }: MirrorResult['image']): Reference {
  return withTag(to, tag)
}
