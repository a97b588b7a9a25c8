import { dirname } from 'node:path/posix'
import type { TarEntry } from '../archive/index.ts'
import { DamagedContentError, UnsupportedError } from '../content/index.ts'
import { archivePath } from './archive-path.ts'
import type { Region } from './region-stream.ts'

const maxLinks = 16

interface Link {
  readonly target: string | undefined
}

/** What an archive holds and where: regular files, and links to them. Of two entries of one path the last counts, as when it is unpacked. */
export class ArchiveListing {
  readonly #display: string
  readonly #entries = new Map<string, Region | Link | 'sparse'>()

  /** @param display How messages name the archive. */
  constructor(display: string) {
    this.#display = display
  }

  /** Notes an entry. One whose path leads out of the archive is left out: nothing can name it. */
  add(entry: Pick<TarEntry, 'path' | 'type' | 'linkPath' | 'offset' | 'size' | 'sparse'>): void {
    const path = archivePath(entry.path)
    if (path === undefined) return
    switch (entry.type) {
      case 'file':
        this.#entries.set(path, entry.sparse ? 'sparse' : { offset: entry.offset, size: entry.size })
        break
      case 'hardlink':
        this.#entries.set(path, { target: archivePath(entry.linkPath) })
        break
      case 'symlink':
        this.#entries.set(path, { target: archivePath(entry.linkPath, dirname(path)) })
        break
      case 'directory':
      case 'character-device':
      case 'block-device':
      case 'fifo':
        this.#entries.delete(path)
        break
      default:
        entry.type satisfies never
    }
  }

  /**
   * Where the bytes of a file are, links followed.
   *
   * @throws {DamagedContentError} when the path or a link on the way leads out of the archive, or links lead in a circle.
   */
  find(path: string): Region | undefined {
    let current = archivePath(path)
    for (let links = 0; links <= maxLinks; links++) {
      if (current === undefined) throw this.#damaged(path, 'it leads out of the archive')
      const found = this.#entries.get(current)
      if (found === undefined) return undefined
      if (found === 'sparse') {
        throw new UnsupportedError(
          `Cannot read ${JSON.stringify(path)} of ${this.#display}: it is stored as a sparse file`,
        )
      }
      if ('size' in found) return found
      current = found.target
    }
    throw this.#damaged(path, `there are more than ${maxLinks} links on the way to it`)
  }

  /** Says whether there is no file in the archive. */
  get isEmpty(): boolean {
    return this.#entries.size === 0
  }

  /** The paths of all regular files and links, sorted. */
  paths(): readonly string[] {
    return [...this.#entries.keys()].toSorted()
  }

  #damaged(path: string, problem: string): DamagedContentError {
    return new DamagedContentError(
      `Cannot read ${JSON.stringify(path.slice(0, 200))} of ${this.#display}: ${problem}`,
    )
  }
}
