import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const inputs = ['src', 'build', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json']

/** Says whether `output` is missing, or older than anything it is made from. */
export async function isStale(root: string, output: string): Promise<boolean> {
  const made = await modified(join(output, 'cli', 'main.cjs'))
  if (made === undefined) return true
  for (const input of inputs) {
    if ((await newest(join(root, input))) > made) return true
  }
  return false
}

/** When a file, or anything in a folder, changed last; folders count, since a removal changes only them. */
async function newest(path: string): Promise<number> {
  let latest = (await modified(path)) ?? 0
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (entry.name.endsWith('.test.ts')) continue
    latest = Math.max(latest, (await modified(join(entry.parentPath, entry.name))) ?? 0)
  }
  return latest
}

async function modified(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.mtimeMs
}
