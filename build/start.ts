import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { projectRoot } from './project-root.ts'

/** `npm start -- …`: builds what is stale and runs lading; without arguments it shows the help. */
function start(): number {
  const built = spawnSync(process.execPath, [join(projectRoot, 'build', 'build.ts'), '--if-stale'], {
    stdio: 'inherit',
  })
  if (built.status !== 0) return built.status ?? 1
  const given = process.argv.slice(2)
  const args = given.length === 0 ? ['--help'] : given
  return (
    spawnSync(process.execPath, [join(projectRoot, 'bin', 'lading'), ...args], { stdio: 'inherit' }).status ??
    1
  )
}

process.exitCode = start()
