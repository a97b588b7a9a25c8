export { ArchiveLimitError, DamagedArchiveError } from './errors.ts'
export type { ArchiveLimits, Compression, Decompressed, TarEntry, TarEntryType, TarHeader } from './types.ts'
