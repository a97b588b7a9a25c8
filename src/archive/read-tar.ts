import type { ReadArchiveOptions, TarEntry } from './types.ts'

export async function* readTar(
  stream: AsyncIterable<Uint8Array>,
  options: ReadArchiveOptions = {},
): AsyncGenerator<TarEntry, void, undefined> {
  throw new Error(`not yet ${String(stream)} ${String(options)}`)
}
