import { spawn } from 'node:child_process'
import { buffer } from 'node:stream/consumers'

/** How a program ended and what it printed. */
export interface ProgramResult {
  /** The exit code; null when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  /** The same bytes, for programs that write archives. */
  readonly stdoutBytes: Uint8Array
  readonly stderr: string
}

/** Options of {@link runProgram}. */
export interface RunProgramOptions {
  /** Goes to its standard input; default: nothing. */
  readonly input?: string | Uint8Array
  /** Added to this process's environment; undefined takes a variable away. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly directory?: string
  /** Default 60. */
  readonly seconds?: number
}

/** Runs a program to its end, whatever its exit code; kills it when it takes too long. */
export async function runProgram(
  path: string,
  args: readonly string[],
  options: RunProgramOptions = {},
): Promise<ProgramResult> {
  const child = spawn(path, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
    ...(options.directory === undefined ? {} : { cwd: options.directory }),
    timeout: (options.seconds ?? 60) * 1000,
    killSignal: 'SIGKILL',
  })
  // A program that ends without reading its input is no failure.
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.input)
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [stdout, stderr, code] = await Promise.all([buffer(child.stdout), buffer(child.stderr), ended])
  return { code, stdout: stdout.toString(), stdoutBytes: stdout, stderr: stderr.toString() }
}

/** Runs a program that has to succeed and gives its standard output. @throws {Error} with all it printed. */
export async function mustRun(
  path: string,
  args: readonly string[],
  options?: RunProgramOptions,
): Promise<string> {
  const { code, stdout, stderr } = await runProgram(path, args, options)
  if (code === 0) return stdout
  throw new Error(`${path} ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${stdout}${stderr}`)
}
