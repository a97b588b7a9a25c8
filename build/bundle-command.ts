import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { lazyBuiltins } from './lazy-builtins.ts'
import { slimUndici } from './slim-undici.ts'
import { thirdPartyNotices } from './third-party-notices.ts'

/**
 * Bundles the command line with its dependencies into `output`/cli: `main.cjs`, and a chunk for whatever is imported
 * dynamically. Names carry no hash, so that Node's compile cache holds one entry a chunk and not one a version.
 */
export async function bundleCommand(root: string, output: string): Promise<void> {
  const input = join(root, 'src', 'cli', 'main.ts')
  if (!existsSync(input)) return
  const bundle = await rolldown({
    input: { main: input },
    platform: 'node',
    cwd: root,
    plugins: [slimUndici(root), lazyBuiltins()],
    onLog(level, log, print) {
      if (level === 'warn') throw new Error(`Cannot bundle the command: ${log.message}`)
      print(level, log)
    },
  })
  try {
    const { output: chunks } = await bundle.write({
      dir: join(output, 'cli'),
      format: 'cjs',
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name].cjs',
    })
    const modules = chunks.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))
    await writeFile(join(output, 'THIRD-PARTY-NOTICES.txt'), await thirdPartyNotices(modules))
  } finally {
    await bundle.close()
  }
}
