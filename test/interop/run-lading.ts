import { dirname, join } from 'node:path'
import { mustRun, type ProgramResult, runProgram, type RunProgramOptions } from './run-program.ts'

/** The command as it is installed; it has to be built. */
export const ladingPath: string = join(dirname(dirname(import.meta.dirname)), 'bin', 'lading')

/** Runs `lading` with this process's Node.js. */
export function lading(args: readonly string[], options?: RunProgramOptions): Promise<ProgramResult> {
  return runProgram(process.execPath, [ladingPath, ...args], options)
}

/** Runs `lading`, which has to succeed, and gives its standard output without the last line break. */
export async function mustLading(args: readonly string[], options?: RunProgramOptions): Promise<string> {
  return (await mustRun(process.execPath, [ladingPath, ...args], options)).trimEnd()
}
