import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { IncludedPaths } from './included-paths.ts'
import { IgnoreRules, rulesIn } from './git-ignore.ts'

/** What of a project is looked at. */
export interface WalkOptions {
  /** Whether a file is wanted by its path from the root. Asked before git's rules are, which cost more. */
  readonly wants: (file: string) => boolean
  /** Paths left out besides those that git leaves out, folders with a `/` at their end. */
  readonly leavesOut: (path: string) => boolean
  /** What is listed though git leaves it out. */
  readonly included: IncludedPaths
  readonly signal?: AbortSignal | undefined
}

/** Folders that are read at once. */
const foldersAtOnce = 32

/**
 * Lists the files of a project that are wanted, from its root, with `/`, in no order. Git's rules hold (`.gitignore` in every folder,
 * `.git/info/exclude`), `.git` and repositories inside are left out, symbolic links are listed
 * apart and not followed.
 *
 * @throws what reading the root throws; a folder below that may not be read is left out and told in `unread`.
 */
export async function walkProject(root: string, options: WalkOptions): Promise<WalkedProject> {
  const walk = new Walk(root, options)
  await walk.run(await IgnoreRules.atRoot(root))
  return walk
}

/** What a walk came to. */
export interface WalkedProject {
  readonly files: readonly string[]
  /** Symbolic links whose names are wanted. */
  readonly links: readonly string[]
  /** Folders that could not be read. */
  readonly unread: readonly { readonly folder: string; readonly error: unknown }[]
}

interface Folder {
  readonly path: string
  readonly rules: IgnoreRules
  readonly isIgnored: boolean
}

class Walk implements WalkedProject {
  readonly files: string[] = []
  readonly links: string[] = []
  readonly unread: { readonly folder: string; readonly error: unknown }[] = []
  readonly #root: string
  readonly #options: WalkOptions
  #waiting: Folder[] = []

  constructor(root: string, options: WalkOptions) {
    this.#root = root
    this.#options = options
  }

  async run(rules: IgnoreRules): Promise<void> {
    this.#waiting.push({ path: '', rules, isIgnored: false })
    while (this.#waiting.length > 0) {
      this.#options.signal?.throwIfAborted()
      const batch = this.#waiting.slice(-foldersAtOnce)
      this.#waiting = this.#waiting.slice(0, -batch.length)
      await Promise.all(batch.map((folder) => this.#readFolder(folder)))
    }
  }

  async #readFolder(folder: Folder): Promise<void> {
    const { path, rules } = folder
    const absolute = join(this.#root, path)
    let entries: readonly Dirent[]
    try {
      entries = await readdir(absolute, { withFileTypes: true })
    } catch (error) {
      if (path === '') throw error
      this.unread.push({ folder: path, error })
      return
    }
    if (path !== '' && entries.some(({ name }) => name === '.git')) return
    const hasRules = entries.some((entry) => entry.name === '.gitignore' && entry.isFile())
    const text = hasRules ? await rulesIn(join(absolute, '.gitignore')) : ''
    const inside = text === '' ? rules : rules.within(path, text)
    for (const entry of entries) this.#readEntry(entry, folder, inside)
  }

  #readEntry(entry: Dirent, folder: Folder, rules: IgnoreRules): void {
    const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`
    const { leavesOut, wants, included } = this.#options
    if (entry.isDirectory()) {
      if (entry.name === '.git' || leavesOut(`${path}/`)) return
      const isIgnored = folder.isIgnored || rules.ignores(path, true)
      if (!isIgnored || included.mayBeWithin(path)) this.#waiting.push({ path, rules, isIgnored })
    } else if ((entry.isFile() || entry.isSymbolicLink()) && wants(path) && !leavesOut(path)) {
      const isIgnored = folder.isIgnored || rules.ignores(path, false)
      if (!isIgnored || included.has(path)) (entry.isFile() ? this.files : this.links).push(path)
    }
  }
}
