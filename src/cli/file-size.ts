import { stat } from 'node:fs/promises'

/** Bytes of a file that was written; undefined for pipes and devices. */
export async function fileSize(path: string): Promise<number | undefined> {
  const status = await stat(path)
  return status.isFile() ? status.size : undefined
}
