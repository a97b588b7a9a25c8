import { tmpdir } from 'node:os'
import { posix } from 'node:path'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { type Fetcher, NotFoundError, UnsupportedError } from '../../content/index.ts'
import { spoolStream } from '../../files/index.ts'
import { type Location, parseLocation } from '../../images/index.ts'
import { findFile, type FoundFile } from '../../layers/index.ts'
import { type Platform } from '../../oci/index.ts'
import { platformFlag } from '../answer-flags.ts'
import type { CliContext } from '../context.ts'
import { defineVerb, type Verb } from '../define-verb.ts'
import { KeptContent } from '../kept-content.ts'
import { type OpenedImage, withImage } from '../open-image.ts'
import { type OutputFlags, outputFlags } from '../output-flags.ts'
import { type PlaceFlags, placeFlags } from '../place-flags.ts'
import { guardTerminal } from '../guard-terminal.ts'
import { watchedFetcher } from '../watched-fetcher.ts'
import { writeStream } from '../write-stream.ts'

type Flags = OutputFlags &
  PlaceFlags & {
    readonly platform?: Platform | undefined
    readonly verify?: boolean | undefined
  }

export const verb: Verb = defineVerb<Flags, [string, ...string[]]>({
  name: 'cat',
  brief: 'Print a file of an image',
  description: [
    'Writes the bytes of files to standard output, one after the other. Links are followed inside the image. Layers',
    'are read newest first, and no further than to the file: the bytes are then as good as the word of the registry',
    'for the rest of that layer. With --verify the layer is read to its end, and nothing is printed unless its digest',
    'is right. What could control a terminal is not printed to one.',
  ].join('\n'),
  usage: 'IMAGE PATH…',
  examples: [
    { input: 'alpine /etc/os-release', brief: 'a text file' },
    { input: '--verify alpine /bin/busybox > busybox', brief: 'a program, checked before it is written' },
    { input: 'oci:dir:v1 /etc/passwd /etc/group', brief: 'two files of an image in a layout' },
  ],
  parameters: {
    flags: {
      ...platformFlag,
      verify: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: "Check the layer's digest before anything is printed",
      },
      ...placeFlags,
      ...outputFlags,
    },
    positional: {
      kind: 'array',
      minimum: 2,
      parameter: { parse: String, brief: 'Image, then paths in it', placeholder: 'PATH' },
    },
  },
  run: printFiles,
})

async function printFiles(
  context: CliContext,
  flags: Flags,
  name: string,
  ...paths: readonly string[]
): Promise<void> {
  const location = parseLocation(name)
  await withImage(context, flags, location, async (image) => {
    await using kept = new KeptContent(watchedFetcher(image.source, image.progress, context.output), tmpdir())
    const fetcher = isReadTwice(location, paths) ? kept : image.source
    for (const path of paths) {
      try {
        await printFile(context, flags, fetcher, image, path)
      } catch (error) {
        if (!(error instanceof NotFoundError || error instanceof UnsupportedError)) throw error
        // As cat does it: the other files are printed.
        context.output.fail(withHint(error, location, path))
      }
    }
  })
}

/** A registry is asked once for what several paths need; other places have it at hand. */
function isReadTwice(location: Location, paths: readonly string[]): boolean {
  return location.kind === 'registry' && paths.length > 1
}

async function printFile(
  context: CliContext,
  flags: Flags,
  fetcher: Fetcher,
  { layers, progress }: OpenedImage,
  path: string,
): Promise<void> {
  const { signal } = context
  const verify = flags.verify ?? false
  const found = await findFile(fetcher, layers, path, { verify, signal })
  try {
    demandFile(found, path)
    if (!verify) {
      progress.stop()
      await print(context, found.stream, path)
      return
    }
    const limit = found.header.size
    await using spool = await spoolStream(found.stream, { directory: tmpdir(), limit, signal })
    progress.stop()
    await print(context, createReadStream(spool.path), path)
  } finally {
    found.stream.destroy()
  }
}

/** @throws {UnsupportedError} for what has no content to print. */
function demandFile({ header }: FoundFile, path: string): void {
  switch (header.type) {
    case 'file':
    case 'hardlink':
      return
    case 'directory':
      throw new UnsupportedError(`Cannot print ${path}: it is a directory`)
    case 'character-device':
    case 'block-device':
    case 'fifo':
    case 'symlink':
      throw new UnsupportedError(`Cannot print ${path}: it is a ${header.type.replace('-', ' ')}`)
    default:
      header.type satisfies never
  }
}

/** The same error, saying how to see what there is. */
function withHint(
  error: NotFoundError | UnsupportedError,
  location: Location,
  path: string,
): NotFoundError | UnsupportedError {
  const parent = posix.dirname(posix.join('/', path))
  const place = error instanceof NotFoundError ? parent : posix.join('/', path)
  const options = { hint: error.hint ?? `lading files ${location.text} ${place}`, cause: error }
  return error instanceof NotFoundError
    ? new NotFoundError(error.message, options)
    : new UnsupportedError(error.message, options)
}

async function print(context: CliContext, content: Readable, path: string): Promise<void> {
  const shown =
    context.stdout().isTTY === true
      ? Readable.from(guardTerminal(path, content), { objectMode: false })
      : content
  await writeStream(context, undefined, shown)
}
