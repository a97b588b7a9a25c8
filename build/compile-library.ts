import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Compiles src/ without the command line into `output`: JavaScript and declarations, file by file. */
export async function compileLibrary(root: string, output: string): Promise<void> {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const project = join(root, 'tsconfig.build.json')
  try {
    await execute(process.execPath, [compiler, '-p', project, '--outDir', output], { cwd: root })
  } catch (error) {
    const printed = error instanceof Error && 'stdout' in error ? String(error.stdout) : ''
    throw new Error(`Cannot compile the library:\n${printed}`, { cause: error })
  }
}
