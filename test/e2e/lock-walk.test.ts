import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { buildImage, buildIndex, type FixtureImage } from '../fixtures/build-image.ts'
import { startMemoryRegistry } from '../fixtures/memory-registry.ts'
import { pushToRegistry } from '../fixtures/push-to-registry.ts'
import { startServe } from '../fixtures/serve-process.ts'

const sources = join(import.meta.dirname, '..', '..')
/** The registry of the README. */
const itsRegistry = 'localhost:5000'

test('the walk of README.md prints what README.md says', { timeout: 120_000 }, async () => {
  const readme = await readFile(join(sources, 'README.md'), 'utf8')
  const steps = stepsOf(sectionOf(readme, '## Lock what a project stands on'))
  expect(steps.map(({ command }) => command)).toContain('lading update')
  await using hub = await startHub()
  await using server = await startServe()
  await using shell = await openShell()
  const walked: Step[] = []
  for (const { command } of steps) {
    const printed = await shell.run(
      command
        .replaceAll(itsRegistry, server.host)
        .replace(/ (?=(?:alpine|busybox):)/g, ` ${hub.host}/library/`),
    )
    walked.push({ command, output: stable(printed.replaceAll(server.host, itsRegistry)) })
  }
  expect(walked).toEqual(steps)
  expect(await shell.read('Dockerfile')).toMatch(/^FROM \S+\/app:1@sha256:[0-9a-f]{64}\n$/)
  expect(await shell.read('compose.yaml')).toMatch(
    /^services: \{tool: \{image: \S+\/tool:1@sha256:[0-9a-f]{64}\}\} # ours\n$/,
  )
})

interface Step {
  readonly command: string
  /** Both streams; empty where it prints nothing, or nothing that is shown. */
  readonly output: string
}

function sectionOf(text: string, heading: string): string {
  const start = text.indexOf(`\n${heading}\n`)
  if (start < 0) throw new Error(`README.md has no section ${heading}`)
  const end = text.indexOf('\n## ', start + 1)
  return text.slice(start, end)
}

/** The commands of the blocks of a session, each with the lines below it. */
function stepsOf(section: string): readonly Step[] {
  const blocks = [...section.matchAll(/^```console\n([^]*?)^```$/gm)].map((match) => match[1] ?? '')
  return blocks
    .flatMap((block) => block.split(/^\$ /m).slice(1))
    .map((step) => {
      const [command = '', ...lines] = step.split('\n')
      return { command, output: lines.join('\n') }
    })
}

/** What is the same with other images and keys; without the progress, which a terminal shows in place. */
function stable(printed: string): string {
  return printed.replace(/^copied .*\n/gm, '').replace(/sha256:[0-9a-f]{12,}/g, 'sha256:…')
}

/** What stands for Docker Hub: the images that the README copies from there. */
async function startHub(): Promise<{ readonly host: string } & AsyncDisposable> {
  const registry = await startMemoryRegistry()
  const names = ['alpine:3.21', 'alpine:3.22', 'busybox:1.36', 'busybox:1.37']
  for (const name of names) await pushToRegistry(registry.host, { [`library/${name}`]: imageOf(name) })
  return { host: registry.host, [Symbol.asyncDispose]: () => registry.close() }
}

function imageOf(name: string): FixtureImage {
  const platforms = ['amd64', 'arm64'].map((architecture) =>
    buildImage({ platform: { os: 'linux', architecture } }),
  )
  return buildIndex(platforms, { annotations: { name } })
}

interface Shell extends AsyncDisposable {
  /** Runs a line in an empty folder; gives what it printed, on both streams. */
  run(line: string): Promise<string>
  read(file: string): Promise<string>
}

/** A shell that has `lading`; what is exported in a line is there for the next. */
async function openShell(): Promise<Shell> {
  const around = await mkdtemp(join(tmpdir(), 'lading-walk-'))
  const folder = join(around, 'project')
  const programs = join(around, 'bin')
  for (const each of [folder, programs]) await mkdir(each, { recursive: true })
  const main = join(sources, 'test', 'fixtures', 'lading-main.ts')
  const lading = join(programs, 'lading')
  await writeFile(lading, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`)
  await chmod(lading, 0o755)
  const env: Record<string, string> = {
    PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}`,
    HOME: around,
    XDG_CACHE_HOME: join(around, 'cache'),
  }
  return {
    run: (line) => {
      const [, variable, value] = /^export (\w+)=(\w+)$/.exec(line) ?? []
      if (variable !== undefined && value !== undefined) env[variable] = value
      return new Promise((resolve) => {
        // A no is told by the exit code too, so an error is none here.
        execFile('sh', ['-c', `{ ${line}; } 2>&1`], { cwd: folder, env, timeout: 30_000 }, (_, stdout) =>
          resolve(stdout),
        )
      })
    },
    read: (file) => readFile(join(folder, file), 'utf8'),
    [Symbol.asyncDispose]: () => rm(around, { recursive: true }),
  }
}
