import { join } from 'node:path'
import { mustRun } from '../../test/interop/run-program.ts'

/** What the push client pushes. */
export interface PushWork {
  readonly host: string
  /** Bytes of each blob. */
  readonly size: number
  readonly atOnce: number
  readonly count: number
  /** Other blobs for another seed. */
  readonly seed: string
}

/** Pushes blobs from a process of its own; gives the milliseconds that it took, without their making. */
export async function runPushClient({ host, size, atOnce, count, seed }: PushWork): Promise<number> {
  const printed = await mustRun(process.execPath, [
    join(import.meta.dirname, 'push-client.ts'),
    `--host=${host}`,
    `--size=${size}`,
    `--at-once=${atOnce}`,
    `--count=${count}`,
    `--seed=${seed}`,
  ])
  return Number(printed)
}
