import { open } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { syncedBytes } from './growing-sync.ts'
import { ThreadAppender } from './thread-appender.ts'
import { UploadWriter } from './upload-writer.ts'

// The device takes every write, and can be synced by nobody.
test.skipIf(process.platform !== 'linux')('vouches for no byte of a file whose sync failed', async () => {
  await using writer = new UploadWriter()
  await using file = await open('/dev/null', 'r+')
  await using appender = new ThreadAppender(writer, {
    file: writer.newFile(),
    algorithm: 'sha256',
    descriptor: file.fd,
    position: 0,
    signal: new AbortController().signal,
    ownsChunks: false,
  })
  const half = Buffer.alloc(syncedBytes / 2)
  await appender.write([half])
  await appender.write([half])
  await expect(appender.finish()).rejects.toMatchObject({ code: 'EINVAL', syscall: 'fdatasync' })
  expect(appender.end).toBe(0)
  await expect(appender.write([half])).rejects.toMatchObject({ code: 'EINVAL' })
})
