import type { CreateArchiveOptions } from '../stores/index.ts'

/** How an archive is compressed that is given this name; its layers usually are already, so by default not at all. */
export function compressionOf(path: string): NonNullable<CreateArchiveOptions['compression']> {
  if (/\.(?:tgz|gz)$/.test(path)) return 'gzip'
  return path.endsWith('.zst') ? 'zstd' : 'none'
}
