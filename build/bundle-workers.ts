import { glob } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type OutputChunk, rolldown } from 'rolldown'

/**
 * Bundles every worker thread of `src`, each file `<name>.worker.ts` with all that it imports into one chunk
 * `<name>.worker.cjs`. They share no chunks with the command: a worker reads only what it needs.
 */
export async function bundleWorkers(root: string): Promise<readonly OutputChunk[]> {
  const chunks: OutputChunk[] = []
  for await (const input of glob('src/**/*.worker.ts', { cwd: root })) {
    const name = basename(input, '.ts')
    if (chunks.some((chunk) => chunk.name === name)) {
      throw new Error(`Cannot bundle the workers: two are called ${name}`)
    }
    chunks.push(await bundleWorker(root, join(root, input), name))
  }
  return chunks
}

async function bundleWorker(root: string, input: string, name: string): Promise<OutputChunk> {
  const bundle = await rolldown({
    input: { [name]: input },
    platform: 'node',
    cwd: root,
    onLog(level, log, print) {
      if (level === 'warn') throw new Error(`Cannot bundle the worker ${name}: ${log.message}`)
      print(level, log)
    },
  })
  try {
    const { output } = await bundle.generate({
      format: 'cjs',
      entryFileNames: '[name].cjs',
      codeSplitting: false,
    })
    return output[0]
  } finally {
    await bundle.close()
  }
}
