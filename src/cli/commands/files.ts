import { Readable } from 'node:stream'
import { UsageError } from '../../errors/index.ts'
import { parseLocation } from '../../images/index.ts'
import { type Descriptor, formatPlatform, type Platform } from '../../oci/index.ts'
import { jsonFlag, platformFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { chooseFiles } from '../listing/choose-files.ts'
import { layerListing, mergedListing } from '../listing/file-listing.ts'
import type { ListedFile } from '../listing/listed-file.ts'
import { withImage } from '../open-image.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { type PlaceFlags, placeFlags } from '../place-flags.ts'
import { fileLine, fileTime, LongFileLines } from '../render/file-lines.ts'
import type { Style } from '../render/style.ts'
import { watchedFetcher } from '../watched-fetcher.ts'
import { writeStream } from '../write-stream.ts'

type Flags = OutputFlags &
  PlaceFlags & {
    readonly long?: boolean | undefined
    readonly layer?: string | undefined
    readonly platform?: Platform | undefined
    readonly json?: boolean | undefined
  }

export const verb: Verb = defineVerb<Flags, [string, ...string[]]>({
  name: 'files',
  brief: 'List the files of an image',
  description: [
    'Lists what a container of the image would see, sorted, one path a line. PATH is a file, a directory with',
    "everything in it, or a glob: * within a name, ** over directories; '*.pem' without a slash means every directory.",
    'With --layer what one layer holds: what it removes from lower ones is there as a whiteout (.wh.NAME), and',
    '.wh..wh..opq where it replaces a directory. Every layer is read and verified before anything is listed.',
    '--json prints {image, digest, platform, layers, files: [{path, type, mode, uid, gid, size, mtime, link?, device?,',
    'layer}]}; layer counts from 0, the lowest, in layers.',
  ].join('\n'),
  usage: 'IMAGE [PATH…]',
  examples: [
    { input: 'alpine', brief: 'all of them' },
    { input: '-l alpine /etc', brief: 'with mode, owner, size, time and layer' },
    { input: "python:3.12-slim '*.pem' '/usr/**/*.so'", brief: 'by name or path' },
    { input: '-l --layer 1 python:3.12-slim', brief: 'what one layer adds and removes' },
  ],
  parameters: {
    flags: {
      long: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Show mode, owner, size or device, time, layer, and where links lead',
      },
      layer: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'n|digest',
        brief: 'Only what this layer holds; 0 is the lowest',
      },
      ...platformFlag,
      ...jsonFlag,
      ...placeFlags,
      ...outputFlags,
    },
    aliases: { l: 'long' },
    positional: {
      kind: 'array',
      minimum: 1,
      parameter: { parse: String, brief: 'Image, then paths in it', placeholder: 'PATH' },
    },
  },
  run: listFiles,
})

async function listFiles(
  context: CliContext,
  flags: Flags,
  name: string,
  ...paths: readonly string[]
): Promise<void> {
  const { output, signal } = context
  const location = parseLocation(name)
  await withImage(context, flags, location, async (image) => {
    const { layers, progress } = image
    const fetcher = watchedFetcher(image.source, progress, output)
    const listing =
      flags.layer === undefined
        ? await mergedListing(fetcher, layers, { signal })
        : await layerListing(fetcher, layers, layerNumber(layers, flags.layer), { signal })
    const isWanted = chooseFiles(listing, paths)
    const files = {
      *[Symbol.iterator](): Generator<ListedFile> {
        for (const file of listing.files()) if (isWanted(file)) yield file
      },
    }
    const head = {
      image: location.text,
      digest: image.descriptor.digest,
      platform: flags.json === true ? formatPlatform(await image.readPlatform()) : '',
      layers: layers.map(({ digest }) => digest),
    }
    progress.stop()
    const lines =
      flags.json === true ? jsonLines(head, files) : textLines(files, flags.long ?? false, output.style)
    await writeStream(context, undefined, Readable.from(batches(lines), { objectMode: false }))
  })
}

/** @throws {UsageError} where there is no such layer. */
function layerNumber(layers: readonly Descriptor[], text: string): number {
  const number = /^\d{1,6}$/.test(text)
    ? Number(text)
    : layers.findIndex(({ digest }) => digest === text || digest === `sha256:${text}`)
  if (number >= 0 && number < layers.length) return number
  throw new UsageError(`Cannot list layer ${text}: the image has no such layer`, {
    hint: layers.length === 0 ? 'It has no layers.' : `Its layers are 0 to ${layers.length - 1}.`,
  })
}

function* textLines(files: Iterable<ListedFile>, long: boolean, style: Style): Generator<string> {
  if (!long) {
    for (const file of files) yield fileLine(file, style)
    return
  }
  const lines = new LongFileLines(style)
  for (const file of files) lines.fit(file)
  yield lines.heading()
  for (const file of files) yield lines.line(file)
}

/** One object over many lines, of which only one is in memory. */
function* jsonLines(head: Readonly<Record<string, unknown>>, files: Iterable<ListedFile>): Generator<string> {
  yield `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "files": [`
  let last: string | undefined
  for (const file of files) {
    if (last !== undefined) yield `${last},`
    last = `    ${JSON.stringify(fileJson(file))}`
  }
  if (last !== undefined) yield last
  yield '  ]\n}'
}

function fileJson(file: ListedFile): Record<string, unknown> {
  const { path, type, mode, uid, gid, size, mtime, linkPath, device, layer } = file
  const isRemoval = type === 'whiteout' || type === 'opaque'
  return {
    path: `/${path}`,
    type,
    ...(isRemoval
      ? {}
      : { mode: mode.toString(8).padStart(4, '0'), uid, gid, size, mtime: fileTime(mtime) ?? null }),
    ...(type === 'symlink' ? { link: linkPath } : {}),
    ...(type === 'hardlink' ? { link: `/${linkPath}` } : {}),
    ...(device === undefined ? {} : { device }),
    layer,
  }
}

/** Lines, some thousand a chunk. */
function* batches(lines: Iterable<string>): Generator<Buffer> {
  let batch = ''
  for (const line of lines) {
    batch += `${line}\n`
    if (batch.length < 65_536) continue
    yield Buffer.from(batch)
    batch = ''
  }
  if (batch !== '') yield Buffer.from(batch)
}
