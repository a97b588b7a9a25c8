import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { projectRoot } from './project-root.ts'

/** `npm start -- …`: builds what is stale and runs lading; without arguments it starts the registry. */
async function start(): Promise<number> {
  const built = spawnSync(process.execPath, [join(projectRoot, 'build', 'build.ts'), '--if-stale'], {
    stdio: 'inherit',
  })
  if (built.status !== 0) return built.status ?? 1
  const given = process.argv.slice(2)
  return run(given.length === 0 ? ['serve'] : given)
}

/** Runs the command and waits until it has ended by itself: a registry that is stopped lets requests finish. */
async function run(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [join(projectRoot, 'bin', 'lading'), ...args], { stdio: 'inherit' })
  // A terminal sends Ctrl-C to the child as well.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  child.on('error', reject)
  child.on('exit', (code) => resolve(code ?? 1))
  return promise
}

process.exitCode = await start()
