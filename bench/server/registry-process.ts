import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** A registry that runs as a process of its own. */
export interface RegistryProcess extends AsyncDisposable {
  readonly name: string
  /** `127.0.0.1:<port>`. */
  readonly host: string
  /** Where it stores. */
  readonly data: string
  /** The most memory, in bytes, that it has held so far. */
  peakMemory(): Promise<number>
}

/** How a registry is started. */
export interface StartRegistry {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly host: string
  readonly data: string
  /** What it logs goes here, as both write a line a request. */
  readonly logFile: string
}

/** Starts a registry and waits until it answers. It ends with the benchmark, or by itself after an hour. */
export async function startRegistry(options: StartRegistry): Promise<RegistryProcess> {
  await mkdir(options.data, { recursive: true })
  const child = spawn(options.command, options.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 3_600_000,
    killSignal: 'SIGKILL',
  })
  const log = createWriteStream(options.logFile)
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  try {
    await answers(options, child)
  } catch (error) {
    await end(child)
    throw error
  }
  return {
    name: options.name,
    host: options.host,
    data: options.data,
    peakMemory: async () => {
      const status = await readFile(join('/proc', String(child.pid), 'status'), 'utf8')
      return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
    },
    [Symbol.asyncDispose]: async () => {
      await end(child)
      log.end()
    },
  }
}

async function answers({ name, host, logFile }: StartRegistry, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) break
    try {
      const response = await fetch(`http://${host}/v2/`)
      await response.arrayBuffer()
      if (response.ok) return
    } catch {
      // Nobody listens yet.
    }
    await wait(50)
  }
  throw new Error(`${name} did not start:\n${await readFile(logFile, 'utf8')}`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
