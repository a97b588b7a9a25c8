import { expectBytes, expectHeader, expectStatus } from './expect-response.ts'
import { check, type ProtocolCheck } from './protocol-check.ts'
import { putBlob } from './push-blob.ts'
import { randomContent } from './random-content.ts'

const size = 2048

/** `Range` headers, and the first and last byte that they ask for of 2,048. */
const satisfiable: readonly (readonly [range: string, first: number, last: number])[] = [
  ['bytes=500-1499', 500, 1499],
  ['bytes=500-', 500, 2047],
  ['bytes=-500', 1548, 2047],
  ['bytes=2000-5000', 2000, 2047],
  ['bytes=0-0', 0, 0],
  ['bytes=-5000', 0, 2047],
]

const unsatisfiable = ['bytes=5000-10000', 'bytes=2048-', 'bytes=500-0', 'bytes=-0'] as const

/** Ranges of blobs: RFC 9110, section 14; that a range backwards is 416 is the conformance suite's. */
export const blobRangeChecks: readonly ProtocolCheck[] = [
  ...satisfiable.map(([range, first, last]) =>
    check(`blob range: ${range}`, async ({ client, repository }) => {
      const { digest, bytes } = randomContent(size)
      await putBlob(client, repository, { digest, bytes })
      const read = await client.ask(`/v2/${repository}/blobs/${digest}`, { headers: { range } })
      expectStatus(read, 206)
      expectBytes(read, bytes.subarray(first, last + 1))
      expectHeader(read, 'Content-Range', `bytes ${first}-${last}/${size}`)
      expectHeader(read, 'Docker-Content-Digest', digest)
    }),
  ),
  ...unsatisfiable.map((range) =>
    check(`blob range: ${range} is unsatisfiable`, async ({ client, repository }) => {
      const blob = randomContent(size)
      await putBlob(client, repository, blob)
      const read = await client.ask(`/v2/${repository}/blobs/${blob.digest}`, { headers: { range } })
      expectStatus(read, 416)
      expectHeader(read, 'Content-Range', `bytes */${size}`)
    }),
  ),
  check('blob range: a unit that nobody knows is the whole blob', async ({ client, repository }) => {
    const { digest, bytes } = randomContent(size)
    await putBlob(client, repository, { digest, bytes })
    const read = await client.ask(`/v2/${repository}/blobs/${digest}`, { headers: { range: 'lines=1-2' } })
    expectStatus(read, 200)
    expectBytes(read, bytes)
  }),
  check('blob range: a HEAD says that ranges are taken', async ({ client, repository }) => {
    const blob = randomContent(size)
    await putBlob(client, repository, blob)
    const head = await client.ask(`/v2/${repository}/blobs/${blob.digest}`, { method: 'HEAD' })
    expectHeader(head, 'Accept-Ranges', 'bytes')
  }),
]
