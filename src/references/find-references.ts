import { realpath } from 'node:fs/promises'
import ignore from 'ignore'
import { LadingError } from '../errors/index.ts'
import { type Digest, digestOf } from '../oci/index.ts'
import type { CustomResource, Finder } from './finder.ts'
import { allFinders } from './finders/all-finders.ts'
import type { EditSite, FileFindings, FileProblem, Occurrence } from './occurrence.ts'
import type { FindingsCache } from './search/findings-cache.ts'
import { boundedRules } from './search/bounded-rules.ts'
import { eachAtOnce } from './search/each-at-once.ts'
import { imageFilter } from './search/image-filter.ts'
import { IncludedPaths } from './search/included-paths.ts'
import { readProjectFile } from './search/read-project-file.ts'
import { RecordedFiles } from './search/recorded-files.ts'
import { RootedFiles } from './search/project-files.ts'
import { byPlace, byPlaceOfProblem } from './search/order.ts'
import { walkProject } from './search/walk-project.ts'

/** What of a project is looked at, and how. */
export interface FindReferencesOptions {
  /** Paths, as `.gitignore` writes them, that are looked at though git ignores them. */
  readonly include?: readonly string[] | undefined
  /** Paths, as `.gitignore` writes them, that are left out besides what git leaves out. */
  readonly ignoreFiles?: readonly string[] | undefined
  /** Images that are left out, as one's own are: see {@link imageFilter}. */
  readonly ignoreImages?: readonly string[] | undefined
  readonly customResources?: readonly CustomResource[] | undefined
  /** What earlier searches found; default: everything is read anew. */
  readonly cache?: FindingsCache | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a project names. */
export interface ProjectFindings {
  /** Sorted by file and place in it. */
  readonly occurrences: readonly Occurrence[]
  readonly problems: readonly FileProblem[]
  /** Files that were read because of their name. */
  readonly filesLooked: number
  /** The digest of each file that can be edited or has occurrences, as it was when it was read. */
  readonly digests: ReadonlyMap<string, Digest>
}

/** The folder of a project cannot be searched. */
export class ProjectUnreadableError extends LadingError<'PROJECT_UNREADABLE'> {
  constructor(root: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super('PROJECT_UNREADABLE', `Cannot search ${root}: ${reason}`, {
      hint: 'Name a folder that is there and may be read.',
      cause,
    })
  }
}

/** Files that are read at once. */
const filesAtOnce = 16

/**
 * Finds every image that the files of a project name. Files are chosen by name and content, and read once; git's rules hold.
 * What cannot be read is a problem, and what cannot be resolved an occurrence that says so: nothing is dropped.
 *
 * @throws {ProjectUnreadableError} when `root` is no folder that can be read. A file that cannot be is a problem.
 */
export async function findReferences(
  root: string,
  options: FindReferencesOptions = {},
): Promise<ProjectFindings> {
  const { signal } = options
  signal?.throwIfAborted()
  const search = new ProjectSearch(await realRoot(root), options)
  const { files, links, unread } = await search.walk()
  await eachAtOnce(files, filesAtOnce, async (file) => {
    signal?.throwIfAborted()
    await search.look(file)
  })
  const known = new Set(files)
  for (const link of links) {
    signal?.throwIfAborted()
    await search.follow(link, known)
  }
  for (const { folder, error } of unread) search.problems.push(unreadable(folder, error))
  return search.result()
}

class ProjectSearch {
  readonly problems: FileProblem[] = []
  readonly #root: string
  readonly #options: FindReferencesOptions
  readonly #files: RootedFiles
  readonly #occurrences = new Map<string, Occurrence>()
  readonly #digests = new Map<string, Digest>()
  readonly #isIgnoredImage: (occurrence: Occurrence) => boolean
  readonly #customResourcesDigest: string
  #looked = 0

  constructor(root: string, options: FindReferencesOptions) {
    this.#root = root
    this.#options = options
    this.#files = new RootedFiles(root)
    this.#isIgnoredImage = imageFilter(options.ignoreImages ?? [])
    this.#customResourcesDigest = digestOf(Buffer.from(JSON.stringify(options.customResources ?? [])))
  }

  async walk(): ReturnType<typeof walkProject> {
    const { include = [], ignoreFiles = [], signal } = this.#options
    const left = ignore().add(boundedRules(ignoreFiles.join('\n')))
    try {
      return await walkProject(this.#root, {
        wants: (file) => allFinders.some((finder) => finder.mayBe(file)),
        leavesOut: (path) => left.ignores(path),
        included: new IncludedPaths(include),
        signal,
      })
    } catch (error) {
      signal?.throwIfAborted()
      throw new ProjectUnreadableError(this.#root, error)
    }
  }

  /**
   * Looks at what a symbolic link leads to, unless it is looked at by its own name. Nothing is written through a link, and
   * what lies outside the project is not read.
   *
   * @param files what is looked at by its own name
   */
  async follow(link: string, files: ReadonlySet<string>): Promise<void> {
    const target = await this.#files.target(link).catch(() => undefined)
    if (target === undefined || (target !== 'outside' && files.has(target.path))) return
    if (target !== 'outside') return this.look(link, { isLink: true })
    this.problems.push({
      file: link,
      message: 'it is a symbolic link that leads out of the project',
      hint: 'Put a file in its place, or leave it out: lock.ignore.files in lading.yaml.',
    })
  }

  async look(file: string, { isLink = false }: { readonly isLink?: boolean } = {}): Promise<void> {
    this.#looked += 1
    const read = await readProjectFile(this.#files, file).catch((error: unknown) => unreadable(file, error))
    if (read === undefined) return
    if ('message' in read) {
      this.problems.push(read)
      return
    }
    const finders = allFinders.filter((finder) => finder.mayBe(file) && finder.mayHold(read.text))
    if (finders.length === 0) return
    if (!read.isWhole) {
      this.problems.push({
        file,
        message: 'it is larger than 4 MiB',
        hint: 'Split it, or ignore it in lading.yaml.',
      })
      return
    }
    const digest = digestOf(read.bytes)
    const findings = await this.#findings(file, { ...read, digest }, finders)
    if (findings === undefined) return
    this.#digests.set(file, digest)
    this.problems.push(...findings.problems)
    for (const occurrence of findings.occurrences)
      this.#add(isLink && isEditedIn(occurrence, file) ? { ...occurrence, edit: throughLink } : occurrence)
  }

  result(): ProjectFindings {
    return {
      occurrences: [...this.#occurrences.values()].toSorted(byPlace),
      problems: this.problems.toSorted(byPlaceOfProblem),
      filesLooked: this.#looked,
      digests: this.#digests,
    }
  }

  async #findings(
    file: string,
    { text, isExact, digest }: { readonly text: string; readonly isExact: boolean; readonly digest: Digest },
    finders: readonly Finder[],
  ): Promise<FileFindings | undefined> {
    const { cache, customResources = [] } = this.#options
    const files = new RecordedFiles(this.#files)
    const key = `${file}\0${digest}\0${this.#customResourcesDigest}`
    const known = await cache?.get(key, files)
    if (known !== undefined) {
      this.#noteRead(files)
      return known
    }
    for (const finder of finders) {
      const findings = await finder.find({ file, text, isExact, files, customResources })
      if (findings === undefined) continue
      cache?.set(key, findings, files)
      this.#noteRead(files)
      return findings
    }
    return undefined
  }

  /** Files that a finder read besides its own may be those that are edited: `.env`, a Dockerfile. */
  #noteRead(files: RecordedFiles): void {
    for (const [path, digest] of files.asked) if (digest !== undefined) this.#digests.set(path, digest)
  }

  #add(occurrence: Occurrence): void {
    if (this.#isIgnoredImage(occurrence)) return
    const { file, place, range, target } = occurrence
    const name = target.kind === 'image' ? target.reference.canonical : target.kind
    const key = [file, place, range.start, range.end, name].join('\0')
    if (!this.#occurrences.has(key)) this.#occurrences.set(key, occurrence)
  }
}

const throughLink: EditSite = { kind: 'none', reason: 'its file is a symbolic link' }

function isEditedIn({ edit }: Occurrence, file: string): boolean {
  return edit.kind !== 'none' && edit.file === file
}

async function realRoot(root: string): Promise<string> {
  try {
    return await realpath(root)
  } catch (error) {
    throw new ProjectUnreadableError(root, error)
  }
}

function unreadable(file: string, error: unknown): FileProblem {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const message = code === 'EACCES' || code === 'EPERM' ? 'it may not be read' : 'reading it failed'
  return { file, message: typeof code === 'string' ? `${message} (${code})` : message }
}
