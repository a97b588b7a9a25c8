import { Transform, type TransformCallback } from 'node:stream'
import type { Fetcher } from '../content/index.ts'
import type { Output } from './output.ts'
import type { Progress } from './progress.ts'

/** The same fetcher, with what is read through it drawn as live progress; the fetcher itself where nothing is drawn. */
export function watchedFetcher(fetcher: Fetcher, progress: Progress, output: Output): Fetcher {
  if (!output.hasLiveProgress) return fetcher
  return {
    fetch: async (descriptor, options) => {
      const stream = await fetcher.fetch(descriptor, options)
      const reading = progress.startReading(descriptor)
      const counted = new Transform({
        highWaterMark: 512 * 1024,
        transform(chunk: Uint8Array, _encoding, done: TransformCallback) {
          reading.add(chunk.byteLength)
          done(null, chunk)
        },
        destroy(error, done) {
          reading.end()
          stream.destroy()
          done(error)
        },
      })
      stream.on('error', (error) => counted.destroy(error))
      return stream.pipe(counted)
    },
  }
}
