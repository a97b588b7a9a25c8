import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectRoot } from './project-root.ts'

/**
 * Writes the generated files of a folder and removes others; with `--check` on the command line it only says which are
 * not up to date, and sets the exit code.
 *
 * @param folder below the project's root; it holds nothing else
 * @param files text by file name
 */
export async function writeGenerated(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const directory = join(projectRoot, folder)
  const present = new Map<string, string>()
  await mkdir(directory, { recursive: true })
  for (const name of await readdir(directory))
    present.set(name, await readFile(join(directory, name), 'utf8'))

  const changed = Object.keys(files).filter((name) => present.get(name) !== files[name])
  const superfluous = [...present.keys()].filter((name) => !Object.hasOwn(files, name))
  if (process.argv.includes('--check')) {
    for (const name of [...changed, ...superfluous]) console.log(`${folder}/${name} is not up to date`)
    if (changed.length + superfluous.length > 0) process.exitCode = 1
    return
  }
  for (const name of changed) await writeFile(join(directory, name), files[name] ?? '')
  for (const name of superfluous) await rm(join(directory, name))
}
