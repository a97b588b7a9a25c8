import { type Digest, digestOf } from '../../oci/index.ts'
import type { ProjectFiles } from '../finder.ts'
import type { RootedFiles } from './project-files.ts'

/** Reads other files for one file of a project, and notes which they were. */
export class RecordedFiles implements ProjectFiles {
  readonly #files: RootedFiles
  readonly #asked = new Map<string, Digest | undefined>()

  constructor(files: RootedFiles) {
    this.#files = files
  }

  /** The files that were asked for; undefined: there was none. */
  get asked(): ReadonlyMap<string, Digest | undefined> {
    return this.#asked
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    const found = await this.#files.read(path)
    const bytes = found?.isWhole === true ? found.bytes : undefined
    this.#asked.set(path, bytes && digestOf(bytes))
    return bytes
  }
}
