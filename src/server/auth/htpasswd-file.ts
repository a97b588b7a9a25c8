import { open, stat } from 'node:fs/promises'
import type { BigIntStats } from 'node:fs'
import type { Logger } from 'pino'
import { asFileError } from '../../files/index.ts'
import { AccessConfigurationError } from './access-configuration-error.ts'
import { parseHtpasswd, type PasswordHashes } from './parse-htpasswd.ts'

/** A htpasswd file that is read again when it changes. */
export interface HtpasswdFile {
  /**
   * What the file holds. Looks at most once a second whether it changed. A change that cannot be read is logged, and what
   * was there before stays in force. The same object is given as long as nothing changed. Never rejects.
   */
  current(): Promise<PasswordHashes>
}

/** Options of {@link openHtpasswdFile}. */
export interface HtpasswdFileOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly log?: Pick<Logger, 'info' | 'error'> | undefined
}

/**
 * Reads a htpasswd file.
 *
 * @throws {AccessConfigurationError} when there is an entry that cannot be used, or it is over 4 MiB.
 * @throws {FileError} when it cannot be read.
 */
export async function openHtpasswdFile(path: string, options: HtpasswdFileOptions): Promise<HtpasswdFile> {
  const { now, log } = options
  let { hashes, state } = await readHtpasswd(path)
  let lookedAt = now()
  let looking: Promise<void> | undefined

  async function look(): Promise<void> {
    try {
      const there = stateOf(await stat(path, { bigint: true }))
      if (there === state) return
      // Also where it turns out to be unreadable: each state of the file is told of once.
      state = there
      ;({ hashes, state } = await readHtpasswd(path))
      log?.info({ file: path, users: hashes.size }, 'read the changed htpasswd file')
    } catch (error) {
      if (state === unreadable && !(error instanceof AccessConfigurationError)) return
      if (!(error instanceof AccessConfigurationError)) state = unreadable
      log?.error(
        { file: path, err: error },
        'the htpasswd file cannot be used: what it held before stays in force',
      )
    }
  }

  return {
    async current() {
      if (looking === undefined && Math.abs(now() - lookedAt) >= 1000) {
        lookedAt = now()
        looking = look().finally(() => (looking = undefined))
      }
      await looking
      return hashes
    },
  }
}

const maxFileBytes = 4 * 1024 * 1024

const unreadable = 'unreadable'

async function readHtpasswd(
  path: string,
): Promise<{ readonly hashes: PasswordHashes; readonly state: string }> {
  try {
    await using file = await open(path, 'r')
    const stats = await file.stat({ bigint: true })
    if (stats.size > maxFileBytes) {
      throw new AccessConfigurationError(`Cannot read the passwords in ${path}: it is over 4 MiB`)
    }
    const text = await file.readFile('utf8')
    return { hashes: parseHtpasswd(text, path), state: stateOf(stats) }
  } catch (error) {
    throw asFileError(`read ${path}`, error)
  }
}

/** Differs whenever the file was written or replaced. */
function stateOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [ino, size, mtimeNs, ctimeNs].join(' ')
}
