import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { HashAnswer, HashRequest } from './hash-file-messages.ts'

/** Bytes of one read. */
const readBytes = 1024 * 1024

/** How many bytes are read between two messages about them. */
const toldBytes = 16 * 1024 * 1024

const buffer = Buffer.allocUnsafe(readBytes)

parentPort?.on('message', (request: HashRequest) => {
  try {
    answer(hash(request))
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (isMissing) answer({ kind: 'missing', request: request.request })
    else answer({ kind: 'failed', request: request.request, reason: reasonOf(error) })
  }
})

/** A file that has another size than it should is not read. */
function hash({ request, path, algorithm, size }: HashRequest): HashAnswer {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const actual = fstatSync(file).size
    if (actual !== size) return { kind: 'size', request, actual }
    const hashed = createHash(algorithm)
    let position = 0
    let untold = 0
    for (;;) {
      const read = readSync(file, buffer, 0, readBytes, position)
      if (read === 0) break
      hashed.update(buffer.subarray(0, read))
      position += read
      untold += read
      if (untold < toldBytes) continue
      answer({ kind: 'bytes', request, count: untold })
      untold = 0
    }
    answer({ kind: 'bytes', request, count: untold })
    if (position !== size) return { kind: 'size', request, actual: position }
    return { kind: 'hex', request, hex: hashed.digest('hex') }
  } finally {
    closeSync(file)
  }
}

function answer(message: HashAnswer): void {
  parentPort?.postMessage(message)
}

/** The system's word without the path, which is the machine's. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.message : String(error)
}
