import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleCommand } from './bundle-command.ts'
import { compileLibrary } from './compile-library.ts'
import { isStale } from './is-stale.ts'
import { projectRoot } from './project-root.ts'

/**
 * Makes dist/: the library (one JavaScript file and its types per source file) and the bundled command in dist/cli.
 * It is made aside and moved into place, so that a command that starts meanwhile finds the old or the new, never half.
 *
 * `--if-stale` does nothing when dist is newer than everything it is made from.
 */
async function build(): Promise<void> {
  const output = join(projectRoot, 'dist')
  if (process.argv.includes('--if-stale') && !(await isStale(projectRoot, output))) return
  const started = performance.now()
  const fresh = `${output}.${process.pid}`
  const old = `${fresh}.old`
  try {
    await compileLibrary(projectRoot, fresh)
    await bundleCommand(projectRoot, fresh)
    await rename(output, old).catch(ignoreMissing)
    await rename(fresh, output)
  } finally {
    await rm(fresh, { recursive: true, force: true })
    await rm(old, { recursive: true, force: true })
  }
  console.log(`built dist in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
}

try {
  await build()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
