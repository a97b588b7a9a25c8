import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Writes generated files into a folder that holds nothing else; with `--check` on the command line it only compares,
 * names what differs and lets the process fail.
 */
export async function keepGenerated(
  folder: string,
  files: ReadonlyMap<string, string>,
  command: string,
): Promise<void> {
  const check = process.argv.includes('--check')
  const present = await readdir(folder).catch(() => [])
  const surplus = present.filter((name) => !files.has(name))
  const stale: string[] = []
  for (const [name, text] of files) {
    if ((await readFile(join(folder, name), 'utf8').catch(() => undefined)) !== text) stale.push(name)
  }
  if (check) {
    for (const name of [...stale, ...surplus])
      console.error(`${join(folder, name)} is not up to date: ${command}`)
    if (stale.length + surplus.length > 0) process.exitCode = 1
    return
  }
  await mkdir(folder, { recursive: true })
  await Promise.all(surplus.map((name) => rm(join(folder, name))))
  await Promise.all([...files].map(([name, text]) => writeFile(join(folder, name), text)))
}
