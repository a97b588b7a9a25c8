// Not node:fs/promises: it brings Node's readline and REPL along, 3 ms for every verb.
import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** The name of a project's file. */
export const projectFileName = 'lading.yaml'

/**
 * The `lading.yaml` that holds in a folder: there or in the nearest folder above it, up to the root of the git repository where there is
 * one. In folders above that anybody may write to, as /tmp, none is taken.
 */
export function findProjectFile(directory: string): string | undefined {
  const start = resolve(directory)
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, projectFileName)
    if (existsSync(file) && (folder === start || !isOpenToAll(folder))) return file
    if (existsSync(join(folder, '.git')) || folder === dirname(folder)) return undefined
  }
}

function isOpenToAll(folder: string): boolean {
  return (statSync(folder).mode & 0o002) !== 0
}
