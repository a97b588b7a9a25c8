import { pipeline } from 'node:stream/promises'
import type { Readable } from 'node:stream'
import { compress, type Compression } from '../../archive/index.ts'
import { compressionOf, parseLocation } from '../../images/index.ts'
import { exportTree } from '../../layers/index.ts'
import { type Platform } from '../../oci/index.ts'
import { platformFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { fileSize } from '../file-size.ts'
import { withImage } from '../open-image.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { type PlaceFlags, placeFlags } from '../place-flags.ts'
import { wroteLine } from '../render/wrote-line.ts'
import { watchedFetcher } from '../watched-fetcher.ts'
import { archiveOutput, writeStream } from '../write-stream.ts'

type Flags = OutputFlags &
  PlaceFlags & {
    readonly output?: string | undefined
    readonly compress?: Compression | undefined
    readonly platform?: Platform | undefined
  }

export const verb: Verb = defineVerb<Flags, [string]>({
  name: 'export',
  brief: "Write an image's file system as a tar archive",
  description: [
    'Writes what a container of the image would see as its root: all layers merged, what they remove left out.',
    'Owners, modes, times, hard links and extended attributes are as the image has them; the same image gives the',
    'same bytes. Every layer is verified; where one is damaged the command fails and no file is written. What went',
    'to standard output before that must be thrown away.',
  ].join('\n'),
  usage: 'IMAGE',
  examples: [
    { input: 'alpine -o alpine.tar', brief: 'into a file' },
    { input: 'alpine -o alpine.tar.zst', brief: 'compressed, by the ending' },
    { input: 'alpine | tar -x -C root', brief: 'unpacked into a directory' },
    { input: '--platform linux/arm64 oci:dir -o root.tar', brief: 'of another platform, from a layout' },
  ],
  parameters: {
    flags: {
      output: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'file',
        brief: 'Where to write; default and -: standard output, unless it is a terminal',
      },
      compress: {
        kind: 'enum',
        values: ['none', 'gzip', 'zstd'],
        optional: true,
        brief: "Default: by the file's ending, .gz, .tgz or .zst",
      },
      ...platformFlag,
      ...placeFlags,
      ...outputFlags,
    },
    aliases: { o: 'output' },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, brief: 'Image', placeholder: 'IMAGE' }],
    },
  },
  run: exportImage,
})

async function exportImage(context: CliContext, flags: Flags, name: string): Promise<void> {
  const { output, signal } = context
  const location = parseLocation(name)
  const to = archiveOutput(context, flags.output)
  const compression = flags.compress ?? (to === undefined ? 'none' : compressionOf(to))
  await withImage(context, flags, location, async ({ source, layers, progress }) => {
    const tree = exportTree(watchedFetcher(source, progress, output), layers, { signal })
    await writeStream(context, to, compressed(tree, compression))
    progress.stop()
    if (to !== undefined) output.note(output.errorStyle.dim(wroteLine(to, await fileSize(to))))
  })
}

function compressed(plain: Readable, compression: Compression): Readable {
  if (compression === 'none') return plain
  const result = compress(compression)
  // An error of `plain` ends `result`, where the reader sees it.
  pipeline(plain, result).catch(() => undefined)
  return result
}
