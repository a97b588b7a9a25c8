import { createHash, type Hash } from 'node:crypto'
import { readSync, writeSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { WriterAnswer, WriterFailure, WriterRequest } from './upload-writer-messages.ts'

/** Bytes of one write: small enough that the kernel fills pages which it has at hand, and the hash finds them in the cache. */
const writeBytes = 64 * 1024

/** Bytes that are read for one file before another has its turn. */
const readBytes = 512 * 1024

/** A file that grows, and the hash of its first `hashed` bytes. */
class HashedFile {
  #algorithm = 'sha256'
  #hash: Hash = createHash('sha256')
  #hashed = 0
  #descriptor = -1
  #position = 0
  #buffer: Uint8Array = new Uint8Array(0)
  /** A part was not written: those behind it must not be. */
  #broken = false
  /** What is being done for this file; never rejects. */
  #last: Promise<void> = Promise.resolve()

  /** Does one thing after the other. */
  handle(request: WriterRequest): void {
    this.#last = this.#last
      .then(() => this.#perform(request))
      .then(
        (digest) => answer({ request: request.request, digest }),
        (error: unknown) => answer({ request: request.request, error: failureOf(error) }),
      )
  }

  async #perform(task: WriterRequest): Promise<string | undefined> {
    switch (task.kind) {
      case 'open':
        this.#descriptor = task.descriptor
        this.#position = task.position
        this.#buffer = new Uint8Array(task.buffer)
        this.#broken = true
        await this.#catchUp(task.algorithm, task.descriptor, task.position, task.request)
        this.#broken = false
        return undefined
      case 'part':
        this.#write(this.#buffer.subarray(task.start, task.start + task.length))
        return undefined
      case 'cut':
        if (this.#hashed > task.size) this.#restart()
        return undefined
      case 'digest':
        await this.#catchUp(task.algorithm, task.descriptor, task.size, task.request)
        return this.#hash.copy().digest('hex')
      case 'forget':
      case 'stop':
        return undefined
      default:
        throw new Error(`Nobody knows ${JSON.stringify(task satisfies never)}`)
    }
  }

  #write(bytes: Uint8Array): void {
    if (this.#broken) throw new Error('The part before was not written')
    this.#broken = true
    for (let start = 0; start < bytes.byteLength;) {
      const length = Math.min(writeBytes, bytes.byteLength - start)
      const written = writeSync(this.#descriptor, bytes, start, length, this.#position)
      this.#hash.update(bytes.subarray(start, start + written))
      start += written
      this.#position += written
      this.#hashed += written
    }
    this.#broken = false
  }

  /** Reads until the first `size` bytes, and no more, are hashed. */
  async #catchUp(algorithm: string, descriptor: number, size: number, request: number): Promise<void> {
    if (algorithm !== this.#algorithm || this.#hashed > size) {
      this.#algorithm = algorithm
      this.#restart()
    }
    if (this.#hashed === size) return
    const buffer = Buffer.allocUnsafe(Math.min(readBytes, size - this.#hashed))
    while (this.#hashed < size) {
      if (stopped.has(request)) throw new Error('Nobody waits for it any more')
      const length = Math.min(buffer.byteLength, size - this.#hashed)
      const read = readSync(descriptor, buffer, 0, length, this.#hashed)
      if (read === 0) throw new Error('The file became shorter')
      this.#hash.update(buffer.subarray(0, read))
      this.#hashed += read
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #restart(): void {
    this.#hash = createHash(this.#algorithm)
    this.#hashed = 0
  }
}

const files = new Map<number, HashedFile>()
const stopped = new Set<number>()

parentPort?.on('message', (request: WriterRequest) => {
  if (request.kind === 'stop') {
    stopped.add(request.stopped)
    return
  }
  const file = files.get(request.file) ?? new HashedFile()
  files.set(request.file, file)
  file.handle(request)
  if (request.kind === 'forget') files.delete(request.file)
})

function answer(message: WriterAnswer): void {
  stopped.delete(message.request)
  parentPort?.postMessage(message)
}

function failureOf(error: unknown): WriterFailure {
  if (!(error instanceof Error)) return { message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const syscall = 'syscall' in error && typeof error.syscall === 'string' ? error.syscall : undefined
  return { message: error.message, code, syscall }
}
