import { runProgram } from '../../test/interop/run-program.ts'

/** What one run of wrk measured. */
export interface WrkResult {
  readonly requestsPerSecond: number
  /** Bodies and headers. */
  readonly bytesPerSecond: number
  /** Milliseconds. */
  readonly p50: number
  /** Milliseconds. */
  readonly p99: number
}

/** What wrk asks for, with GET. */
export interface WrkRequest {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly connections: number
  readonly seconds: number
}

/**
 * Runs wrk, the client that all servers meet.
 *
 * @throws {Error} when an answer was not 2xx or a connection broke: what did not answer must not win.
 */
export async function runWrk(path: string, request: WrkRequest): Promise<WrkResult> {
  const headers = Object.entries(request.headers ?? {}).flatMap(([name, value]) => [
    '-H',
    `${name}: ${value}`,
  ])
  const { code, stdout, stderr } = await runProgram(path, [
    '--threads=1',
    `--connections=${request.connections}`,
    `--duration=${request.seconds}s`,
    '--timeout=30s',
    '--latency',
    ...headers,
    request.url,
  ])
  if (code !== 0 || /Non-2xx|Socket errors: connect [^0]/.test(stdout)) {
    throw new Error(`wrk ${request.url}:\n${stdout}${stderr}`)
  }
  return {
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    bytesPerSecond: parseSize(/Transfer\/sec:\s+(\S+)/.exec(stdout)?.[1] ?? ''),
    p50: parseTime(/^ +50% +(\S+)/m.exec(stdout)?.[1] ?? ''),
    p99: parseTime(/^ +99% +(\S+)/m.exec(stdout)?.[1] ?? ''),
  }
}

const sizes: Readonly<Record<string, number>> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 }
const times: Readonly<Record<string, number>> = { us: 1e-3, ms: 1, s: 1e3, m: 6e4 }

function parseSize(text: string): number {
  return parseUnit(text, sizes)
}

function parseTime(text: string): number {
  return parseUnit(text, times)
}

function parseUnit(text: string, units: Readonly<Record<string, number>>): number {
  const [, figure, unit = ''] = /^([\d.]+)([A-Za-z]+)$/.exec(text) ?? []
  return Number(figure) * (units[unit] ?? NaN)
}
