import { type Dockerfile, DockerfileTooLargeError, parseDockerfile } from '../../../dockerfile/index.ts'
import type { ProjectFiles } from '../../finder.ts'

/** Reads the Dockerfiles that targets share once. */
export class DockerfileCache {
  readonly #files: ProjectFiles
  readonly #read = new Map<string, Dockerfile | undefined>()

  constructor(files: ProjectFiles) {
    this.#files = files
  }

  /** The Dockerfile at a path of the project; undefined where there is none, or it is too large to be read. */
  async read(path: string): Promise<Dockerfile | undefined> {
    if (this.#read.has(path)) return this.#read.get(path)
    const bytes = await this.#files.read(path)
    const dockerfile = bytes === undefined ? undefined : this.parse(new TextDecoder().decode(bytes))
    this.#read.set(path, dockerfile)
    return dockerfile
  }

  /** A Dockerfile from its text; undefined where it is too large. */
  parse(text: string): Dockerfile | undefined {
    try {
      return parseDockerfile(text)
    } catch (error) {
      // Who looks at the file itself tells it.
      if (error instanceof DockerfileTooLargeError) return undefined
      throw error
    }
  }
}
