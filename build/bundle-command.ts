import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type OutputChunk, rolldown } from 'rolldown'
import { minify } from 'rolldown/utils'
import { bundleWorkers } from './bundle-workers.ts'
import { lazyBuiltins } from './lazy-builtins.ts'
import { thirdPartyNotices } from './third-party-notices.ts'

/**
 * Bundles the command line with its dependencies into `output`/cli: `main.cjs`, a chunk for whatever is imported
 * dynamically, and a file for each worker thread. Names carry no hash, so that Node's compile cache holds one entry a
 * chunk and not one a version.
 */
export async function bundleCommand(root: string, output: string): Promise<void> {
  const input = join(root, 'src', 'cli', 'main.ts')
  if (!existsSync(input)) return
  const bundle = await rolldown({
    input: { main: input },
    platform: 'node',
    cwd: root,
    // A busy machine is no reason to fail.
    checks: { pluginTimings: false },
    plugins: [lazyBuiltins()],
    onLog(level, log, print) {
      if (level === 'warn') throw new Error(`Cannot bundle the command: ${log.message}`)
      print(level, log)
    },
  })
  try {
    const { output: written } = await bundle.generate({
      format: 'cjs',
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name].cjs',
      // What most verbs need is one file: finding and opening a file costs more than reading it.
      codeSplitting: { groups: [{ name: 'core', minShareCount: 7 }] },
    })
    const chunks = [...written.filter((file) => file.type === 'chunk'), ...(await bundleWorkers(root))]
    await mkdir(join(output, 'cli'), { recursive: true })
    await Promise.all(
      chunks.map(async (chunk) => writeFile(join(output, 'cli', chunk.fileName), await shortened(chunk))),
    )
    const modules = chunks.flatMap((chunk) => chunk.moduleIds)
    await writeFile(join(output, 'THIRD-PARTY-NOTICES.txt'), await thirdPartyNotices(modules))
  } finally {
    await bundle.close()
  }
}

/**
 * The text without comments and blanks, which are half of it, and in ASCII: all of it is read at every start, and Node
 * holds a file with any other character in twice the memory. Names stay, for stack traces.
 */
async function shortened({ fileName, code }: OutputChunk): Promise<string> {
  const result = await minify(fileName, code, {
    compress: false,
    mangle: false,
    codegen: { removeWhitespace: true, asciiOnly: true },
  })
  const [error] = result.errors
  if (error !== undefined) throw new Error(`Cannot shorten ${fileName}: ${error.message}`)
  return result.code
}
