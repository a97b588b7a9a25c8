import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** Bytes of a file that are read: nothing that names images is larger. */
export const mostFileBytes: number = 4 * 1024 * 1024

/** The bytes of a file, or its beginning where it is larger than {@link mostFileBytes}. */
export interface ReadBytes {
  readonly bytes: Buffer
  readonly isWhole: boolean
}

/** Reads files of one project, and never one outside it. */
export class RootedFiles {
  readonly #root: string

  /** @param root The real path of the project's folder. */
  constructor(root: string) {
    this.#root = root
  }

  /** Where a symbolic link leads: a path from the root, or that it leads out of the project; undefined where it leads nowhere. */
  async target(link: string): Promise<{ readonly path: string } | 'outside' | undefined> {
    try {
      const real = await realpath(join(this.#root, link))
      const below = this.#below(real)
      return below === undefined ? 'outside' : { path: below.split(sep).join('/') }
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /** Undefined where there is no such file, or where it is outside the project, also by a symbolic link. */
  async read(path: string): Promise<ReadBytes | undefined> {
    if (path.includes('\0') || path.split('/').includes('..') || path.startsWith('/')) return undefined
    try {
      const real = await realpath(join(this.#root, path))
      if (this.#below(real) === undefined) return undefined
      return await readRegular(real)
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /** A real path from the root; undefined where it is not below it. */
  #below(real: string): string | undefined {
    const prefix = this.#root === sep ? sep : this.#root + sep
    return real.startsWith(prefix) ? real.slice(prefix.length) : undefined
  }
}

async function readRegular(path: string): Promise<ReadBytes | undefined> {
  // Opening a pipe without a writer would wait for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = await file.stat()
    if (!stat.isFile()) return undefined
    const isWhole = stat.size <= mostFileBytes
    const bytes = Buffer.allocUnsafe(isWhole ? stat.size : mostFileBytes)
    let filled = 0
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return { bytes: bytes.subarray(0, filled), isWhole }
  } finally {
    await file.close()
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return (
    code === 'ENOENT' ||
    code === 'ENOTDIR' ||
    code === 'ELOOP' ||
    code === 'EISDIR' ||
    code === 'ENAMETOOLONG'
  )
}
