import { spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

/**
 * Runs a command line and gives the most memory, in bytes, that one of its processes held (VmHWM, read every few
 * milliseconds while it runs; the kernel keeps the mark, so only what the last moment adds can be missed).
 */
export async function peakMemory(command: string): Promise<number> {
  const child = spawn('bash', ['-c', `set -o pipefail; ${command}`], {
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: 300_000,
  })
  const end = new AbortController()
  const code = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  }).finally(() => end.abort())
  let peak = 0
  while (!end.signal.aborted && child.pid !== undefined) {
    peak = Math.max(peak, await highestBelow(child.pid))
    await wait(3)
  }
  if ((await code) !== 0) throw new Error(`${command}\nended with ${(await code) ?? 'a signal'}`)
  return peak
}

async function highestBelow(pid: number): Promise<number> {
  const own = await highWater(pid)
  const below = await Promise.all((await childrenOf(pid)).map(highestBelow))
  return Math.max(own, ...below)
}

/** Of all threads: Go starts its children from any. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  try {
    const threads = await readdir(`/proc/${pid}/task`)
    const lists = await Promise.all(
      threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8')),
    )
    return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number))
  } catch (error) {
    if (isGone(error)) return []
    throw error
  }
}

async function highWater(pid: number): Promise<number> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
  } catch (error) {
    if (isGone(error)) return 0
    throw error
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')
}
