import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './project-root.ts'

const floating = `async function one(): Promise<number> {
  return 1
}
export function two(): void {
  one()
}
`

/** Shows that the linter uses types: it has to find a promise left floating in a file made for that. */
function checkLintKnowsTypes(): void {
  const folder = mkdtempSync(join(projectRoot, 'build', 'probe-'))
  try {
    writeFileSync(join(folder, 'floating.ts'), floating)
    const { stdout, stderr } = spawnSync('oxlint', [folder], { cwd: projectRoot, encoding: 'utf8' })
    if (stdout.includes('no-floating-promises')) return
    console.error(`The linter did not find the promise left floating:\n${stdout}${stderr}`)
    process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true })
  }
}

checkLintKnowsTypes()
