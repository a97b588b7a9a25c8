import { constants } from 'node:fs'
import { access, open } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import { boundedRules } from './bounded-rules.ts'

/** Bytes of a file of rules that are read. */
const mostRuleBytes = 1024 * 1024

/** What git leaves out: the rules of a folder and of those above it, the nearest deciding. */
export class IgnoreRules {
  readonly #above: IgnoreRules | undefined
  readonly #rules: Ignore
  /** Of the folder that the rules are for, from the project's root, with `/`; with `..` where they come from above it. */
  readonly #prefix: (path: string) => string

  private constructor(above: IgnoreRules | undefined, text: string, prefix: (path: string) => string) {
    this.#above = above
    this.#rules = ignore().add(boundedRules(text))
    this.#prefix = prefix
  }

  /**
   * The rules that hold at the root: its own, and where it is inside a repository of git those of the folders above it and of
   * `.git/info/exclude`.
   */
  static async atRoot(root: string): Promise<IgnoreRules> {
    const top = await topOfRepository(root)
    const inside = toPosix(relative(top, root))
    const excluded = await rulesIn(join(top, '.git', 'info', 'exclude'))
    let rules = new IgnoreRules(undefined, excluded, (path) => joined(inside, path))
    const names = inside === '' ? [] : inside.split('/')
    for (let depth = 0; depth < names.length; depth += 1) {
      const text = await rulesIn(join(top, ...names.slice(0, depth), '.gitignore'))
      const below = names.slice(depth).join('/')
      if (text !== '') rules = new IgnoreRules(rules, text, (path) => joined(below, path))
    }
    return rules
  }

  /** The rules inside a folder (from the root, with `/`; empty: the root) with a `.gitignore` of its own. */
  within(folder: string, text: string): IgnoreRules {
    return new IgnoreRules(this, text, (path) => (folder === '' ? path : path.slice(folder.length + 1)))
  }

  /** Says whether git leaves a path out (from the root, with `/`), its folders not being left out. */
  ignores(path: string, isFolder: boolean): boolean {
    const { ignored, unignored } = this.#rules.test(`${this.#prefix(path)}${isFolder ? '/' : ''}`)
    if (ignored) return true
    return !unignored && this.#above?.ignores(path, isFolder) === true
  }
}

/** The text of a file of rules; empty where there is none. */
export async function rulesIn(file: string): Promise<string> {
  try {
    // Opening a pipe without a writer would wait for ever.
    await using rules = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    if (!(await rules.stat()).isFile()) return ''
    const { buffer, bytesRead } = await rules.read(Buffer.alloc(mostRuleBytes), 0, mostRuleBytes, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } catch {
    // No file, or none that may be read: git goes on without it as well.
    return ''
  }
}

/** The nearest folder at or above `root` that has a `.git`; `root` itself where there is none. */
async function topOfRepository(root: string): Promise<string> {
  for (let folder = root; ; folder = dirname(folder)) {
    if (await exists(join(folder, '.git'))) return folder
    if (dirname(folder) === folder) return root
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function joined(folder: string, path: string): string {
  return folder === '' ? path : `${folder}/${path}`
}

function toPosix(path: string): string {
  return path.split(sep).join('/')
}
