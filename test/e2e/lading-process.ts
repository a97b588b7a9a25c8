import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

/** How {@link startLading} starts it. */
export interface LadingProcessOptions {
  /** Added to an environment that has only `PATH`. */
  readonly environment?: Readonly<Record<string, string>>
  /** A file descriptor for standard output, which is then not to be read. */
  readonly stdout?: number
}

/** How the process ended. */
export interface LadingExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
}

/** The command in a process of its own. */
export interface LadingProcess {
  readonly process: ChildProcess
  readonly stdin: Writable
  /** Null where it was given a file descriptor. */
  readonly stdout: Readable | null
  /** When it has ended. */
  readonly exit: Promise<LadingExit>
}

const program = join(import.meta.dirname, '..', 'fixtures', 'lading-main.ts')

/** Starts `lading …words` from its sources. */
export function startLading(
  words: readonly string[],
  { environment = {}, stdout }: LadingProcessOptions = {},
): LadingProcess {
  const stdio: StdioOptions = ['pipe', stdout ?? 'pipe', 'pipe']
  const child = spawn(process.execPath, [program, ...words], {
    stdio,
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...environment },
    timeout: 25_000,
    killSignal: 'SIGKILL',
  })
  const { stdin, stdout: output, stderr } = child
  if (stdin === null || stderr === null) throw new Error('the process has no pipes')
  stdin.on('error', () => undefined)
  const chunks: Buffer[] = []
  stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const { promise, resolve, reject } = Promise.withResolvers<LadingExit>()
  child.on('error', reject)
  child.on('close', (code, signal) => {
    resolve({ code, signal, stderr: Buffer.concat(chunks).toString() })
  })
  return { process: child, stdin, stdout: output, exit: promise }
}
