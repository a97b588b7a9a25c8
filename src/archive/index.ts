export { compress, type CompressOptions } from './compress.ts'
export { decompress } from './decompress.ts'
export { encodeTarHeader, tarEnd, tarPadding } from './encode-tar.ts'
export { ArchiveLimitError, DamagedArchiveError, UnsupportedCompressionError } from './errors.ts'
export { pullStream, type PullStreamOptions } from './pull-stream.ts'
export { readTar } from './read-tar.ts'
export { scanTar } from './scan-tar.ts'
export type {
  ArchiveLimits,
  Compression,
  Decompressed,
  ReadArchiveOptions,
  TarBody,
  TarEntry,
  TarEntryType,
  TarHeader,
  TarHeaderInit,
} from './types.ts'
export { type TarSource, TarWriter, writeTar } from './write-tar.ts'
