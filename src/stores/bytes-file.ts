import type { ArchiveFile } from './write-archive.ts'

/** A file of an archive out of bytes. */
export function bytesFile(path: string, bytes: Uint8Array): ArchiveFile {
  return { path, size: bytes.length, body: bytes }
}
