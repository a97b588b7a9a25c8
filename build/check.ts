import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { projectRoot } from './project-root.ts'

/** One thing that has to hold, and the command that says so by its exit code. */
interface Step {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  /** Runs only where this file exists. */
  readonly needs?: string
}

const steps: readonly Step[] = [
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'lint knows types', command: ['node', 'build/check-lint-knows-types.ts'] },
  { name: 'format', command: ['oxfmt', '--check'] },
  { name: 'unused', command: ['knip'] },
  { name: 'architecture', command: ['vitest', 'run', 'test/architecture.test.ts'] },
  { name: 'licences', command: ['node', 'build/check-licences.ts'] },
  { name: 'build', command: ['node', 'build/build.ts'] },
  { name: 'package', command: ['publint', '--strict', '--pack', 'npm'] },
  {
    name: 'reference up to date',
    command: ['node', 'build/generate-reference.ts', '--check'],
    needs: 'build/generate-reference.ts',
  },
  {
    name: 'schemas up to date',
    command: ['node', 'build/generate-schemas.ts', '--check'],
    needs: 'build/generate-schemas.ts',
  },
]

/**
 * Runs every step, prints a line for each and the output of those that fail. `--report FILE` writes
 * `{"passed": n, "failed": n}` besides.
 */
async function check(): Promise<void> {
  const { values } = parseArgs({ options: { report: { type: 'string' } } })
  const counts = { passed: 0, failed: 0 }
  for (const step of steps) {
    if (step.needs !== undefined && !existsSync(join(projectRoot, step.needs))) continue
    const started = performance.now()
    const { ok, output } = await run(step.command)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.log(`${ok ? '✓' : '✗'} ${step.name} (${seconds} s)`)
    if (!ok) console.log(output.trimEnd())
    counts[ok ? 'passed' : 'failed'] += 1
  }
  if (values.report !== undefined) await writeFile(values.report, JSON.stringify(counts))
  if (counts.failed > 0) process.exitCode = 1
}

async function run([program, ...args]: Step['command']): Promise<{
  readonly ok: boolean
  readonly output: string
}> {
  const child = spawn(program, args, {
    cwd: projectRoot,
    env: {
      ...process.env,
      PATH: `${join(projectRoot, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { ok: code === 0, output: stdout + stderr }
}

await check()
