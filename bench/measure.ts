import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

/** What one run of a command took. */
export interface Run {
  /** Milliseconds from start to end. */
  readonly wall: number
  /** Milliseconds of processor time, children included. */
  readonly cpu: number
}

/** One of the commands that are compared. */
export interface Contestant {
  readonly name: string
  /** A command line for bash; made anew for each run, after `prepare`. */
  readonly command: (round: number) => string | Promise<string>
  /** Runs before each run, outside the measured time. */
  readonly prepare?: (round: number) => Promise<void>
}

/** All runs of one contestant, in the order of the rounds. */
export interface Measured {
  readonly name: string
  readonly runs: readonly Run[]
}

/**
 * Runs the contestants in turn (A B C, A B C …), so that whatever else the machine does meets them all. One round goes
 * ahead unmeasured: it fills the page cache and Lading's compile cache.
 *
 * @throws {Error} when a command fails: what did not do the work must not win.
 */
export async function measureInTurn(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<readonly Measured[]> {
  const runs = new Map<string, Run[]>(contestants.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const { name, command, prepare } of contestants) {
      await prepare?.(round)
      const run = await measureOnce(await command(round))
      if (round > 0) runs.get(name)?.push(run)
    }
  }
  return [...runs].map(([name, each]) => ({ name, runs: each }))
}

/** Runs one command line; bash measures it, so that its own start and this process stay outside. */
export async function measureOnce(command: string): Promise<Run> {
  const script = `TIMEFORMAT='%3R %3U %3S'; set -o pipefail; time { ${command}; } 2>&3 >/dev/null`
  const child = spawn('bash', ['-c', script], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    timeout: 300_000,
  })
  const said = child.stdio[3]
  if (child.stderr === null || !(said instanceof Readable)) throw new Error('bash has no pipes')
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [times, printed, code] = await Promise.all([text(child.stderr), text(said), ended])
  if (code !== 0) throw new Error(`${command}\nended with ${code ?? 'a signal'}:\n${printed}`)
  const [wall = NaN, user = NaN, system = NaN] = times.trim().split(' ').map(Number)
  return { wall: wall * 1000, cpu: (user + system) * 1000 }
}
