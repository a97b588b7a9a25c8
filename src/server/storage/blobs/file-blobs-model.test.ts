import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DamagedContentError, NotFoundError } from '../../../content/index.ts'
import { digestOf } from '../../../oci/index.ts'
import type { BlobStore } from './blob-store.ts'
import { openFileBlobs } from './open-file-blobs.ts'
import { UploadOffsetError, UploadTooLargeError } from './upload-errors.ts'

const anyAlgorithm = fc.constantFrom('sha256' as const, 'sha512' as const)
/** Some bodies take the way of small ones, some that of large ones, some are at the border. */
const size = fc.oneof(
  fc.integer({ min: 0, max: 2000 }),
  fc.integer({ min: 262_140, max: 262_150 }),
  fc.integer({ min: 300_000, max: 1_200_000 }),
)
const which = fc.nat(3)
const anyOperation = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), algorithm: anyAlgorithm }),
  fc.record({ kind: fc.constant('append' as const), which, size, seed: fc.nat() }),
  fc.record({ kind: fc.constant('append' as const), which, size, seed: fc.nat() }),
  fc.record({ kind: fc.constant('break' as const), which, size, seed: fc.nat() }),
  fc.record({ kind: fc.constant('too large' as const), which, size, seed: fc.nat() }),
  fc.record({ kind: fc.constant('elsewhere' as const), which }),
  fc.record({ kind: fc.constant('commit' as const), which, algorithm: anyAlgorithm }),
  fc.record({ kind: fc.constant('commit wrongly' as const), which, algorithm: anyAlgorithm }),
  fc.record({ kind: fc.constant('cancel' as const), which }),
  fc.record({ kind: fc.constant('take over' as const), which, algorithm: anyAlgorithm }),
  fc.record({ kind: fc.constant('delete' as const), which }),
  fc.record({ kind: fc.constant('restart' as const) }),
)
type Operation = typeof anyOperation extends fc.Arbitrary<infer Value> ? Value : never

test('whatever happens to uploads, they have the bytes that arrived, and blobs those of their digest', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyOperation, { minLength: 3, maxLength: 40 }), async (operations) => {
      await using model = await Model.open()
      await model.perform({ kind: 'create', algorithm: 'sha256' })
      for (const each of operations) {
        await model.perform(each)
        expect(await model.uploads()).toEqual(model.expectedUploads())
      }
      expect(await model.blobs()).toEqual(model.expectedBlobs())
    }),
    { numRuns: 15 },
  )
})

/** What a store must hold, and the store. */
class Model implements AsyncDisposable {
  readonly #directory: string
  readonly #uploads: { key: string; bytes: Buffer }[] = []
  readonly #blobs: { key: string; bytes: Buffer }[] = []
  #store: BlobStore

  static async open(): Promise<Model> {
    const directory = await mkdtemp(join(tmpdir(), 'lading-blobs-model-'))
    return new Model(directory, await openFileBlobs(directory))
  }

  private constructor(directory: string, store: BlobStore) {
    this.#directory = directory
    this.#store = store
  }

  async perform(operation: Operation): Promise<void> {
    switch (operation.kind) {
      case 'create':
        if (this.#uploads.length < 3) {
          const { algorithm } = operation
          this.#uploads.push({ key: await this.#store.createUpload({ algorithm }), bytes: Buffer.alloc(0) })
        }
        return
      case 'delete': {
        const [blob] = this.#blobs.splice(operation.which, 1)
        await this.#store.delete(blob?.key ?? `sha256/${'0'.repeat(64)}-000000000000`)
        return
      }
      case 'restart':
        await this.#store.close()
        this.#store = await openFileBlobs(this.#directory)
        return
      case 'append':
      case 'break':
      case 'too large':
      case 'elsewhere':
      case 'commit':
      case 'commit wrongly':
      case 'cancel':
      case 'take over': {
        const upload = this.#uploads[operation.which % this.#uploads.length]
        if (upload !== undefined) await this.#change(upload, operation)
        return
      }
      default:
        operation satisfies never
    }
  }

  async #change(
    upload: { key: string; bytes: Buffer },
    operation: Exclude<Operation, { kind: 'create' | 'delete' | 'restart' }>,
  ): Promise<void> {
    const { key, bytes } = upload
    const offset = bytes.length
    switch (operation.kind) {
      case 'append': {
        const more = bytesOf(operation)
        upload.bytes = Buffer.concat([bytes, more])
        const body = Readable.from(arriving(more))
        assert.equal(await this.#store.append(key, body, { offset, maxSize: Infinity }), upload.bytes.length)
        return
      }
      case 'break': {
        const more = bytesOf(operation)
        upload.bytes = Buffer.concat([bytes, more])
        const appended = this.#store.append(key, brokenOff(more), { offset, maxSize: Infinity })
        await assert.rejects(appended, { message: 'broken off' })
        return
      }
      case 'too large': {
        const body = Readable.from(arriving(Buffer.concat([bytesOf(operation), Buffer.from('x')])))
        const maxSize = offset + operation.size
        await assert.rejects(this.#store.append(key, body, { offset, maxSize }), UploadTooLargeError)
        return
      }
      case 'elsewhere': {
        const appended = this.#store.append(key, Readable.from([]), { offset: offset + 1, maxSize: Infinity })
        await assert.rejects(appended, UploadOffsetError)
        return
      }
      case 'commit': {
        const blob = await this.#store.commit(key, digestOf(bytes, operation.algorithm))
        this.#remove(upload)
        this.#blobs.push({ key: blob.key, bytes })
        return
      }
      case 'commit wrongly': {
        const digest = digestOf(Buffer.concat([bytes, Buffer.from('x')]), operation.algorithm)
        await assert.rejects(this.#store.commit(key, digest), DamagedContentError)
        this.#remove(upload)
        return
      }
      case 'cancel':
        await this.#store.cancel(key)
        this.#remove(upload)
        return
      case 'take over':
        upload.key = await this.#store.takeOver(key, { algorithm: operation.algorithm })
        await assert.rejects(
          this.#store.append(key, Readable.from([]), { offset, maxSize: 1 }),
          NotFoundError,
        )
        return
      default:
        operation satisfies never
    }
  }

  #remove(upload: { key: string; bytes: Buffer }): void {
    this.#uploads.splice(this.#uploads.indexOf(upload), 1)
  }

  /** Sizes by key, and the files that there are. */
  async uploads(): Promise<unknown> {
    const sizes = await Promise.all(this.#uploads.map(async ({ key }) => this.#store.uploadSize(key)))
    return { sizes, files: (await readdir(join(this.#directory, 'uploads'))).toSorted() }
  }

  expectedUploads(): unknown {
    const files = this.#uploads.map(({ key }) => key).toSorted()
    return { sizes: this.#uploads.map(({ bytes }) => bytes.length), files }
  }

  /** Keys in the order of the list, taken two at a time, and the digests of what is read. */
  async blobs(): Promise<unknown> {
    const listed: string[] = []
    for (;;) {
      const page = await this.#store.list({ after: listed.at(-1), limit: 2 })
      listed.push(...page.map(({ key }) => key))
      if (page.length < 2) break
    }
    return Promise.all(
      listed.map(async (key) => ({ key, digest: digestOf(await buffer(await this.#store.read(key))) })),
    )
  }

  expectedBlobs(): unknown {
    return this.#blobs
      .toSorted((one, other) => (one.key < other.key ? -1 : 1))
      .map(({ key, bytes }) => ({ key, digest: digestOf(bytes) }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store.close()
    await rm(this.#directory, { recursive: true, force: true })
  }
}

function bytesOf({ size: length, seed }: { readonly size: number; readonly seed: number }): Buffer {
  return createHash('shake256', { outputLength: Math.max(length, 1) })
    .update(String(seed))
    .digest()
    .subarray(0, length)
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += 65_000) yield bytes.subarray(start, start + 65_000)
}

/** Pieces as a socket gives them: one in a turn of the event loop. */
async function* arriving(bytes: Buffer): AsyncGenerator<Buffer> {
  for (const piece of pieces(bytes)) {
    yield piece
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** A body that gives everything and then breaks off. */
function brokenOff(bytes: Buffer): Readable {
  const body = new PassThrough({ highWaterMark: 1 })
  void (async () => {
    for (const piece of pieces(bytes)) if (!body.write(piece)) await once(body, 'drain')
    // Not before the last piece was taken: a stream that is destroyed drops what it holds.
    setImmediate(() => body.destroy(new Error('broken off')))
  })()
  return body
}
