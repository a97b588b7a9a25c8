import { tmpdir } from 'node:os'
import { dirname, resolve } from 'node:path'
import type { Writable } from 'node:stream'

/**
 * Where blobs wait for an archive unless told otherwise: beside the file that it becomes, which has to have room
 * for as much anyhow and fails at once when it may not be written to. For streams and devices, the system's
 * temporary directory.
 */
export function stagingDirectory(output: string | Writable): string {
  if (typeof output !== 'string') return tmpdir()
  const directory = dirname(resolve(output))
  return /^\/(?:dev|proc)(?:\/|$)/.test(directory) ? tmpdir() : directory
}
