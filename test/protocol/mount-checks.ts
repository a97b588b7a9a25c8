import { expectBytes, expectStatus, locationOf } from './expect-response.ts'
import { check, type ProtocolCheck, type ProtocolSession } from './protocol-check.ts'
import type { ProtocolResponse } from './protocol-client.ts'
import { closeUpload, expectPushed, putBlob } from './push-blob.ts'
import { randomContent } from './random-content.ts'

/** Mounts: a blob of one repository in another one, without its bytes. */
export const mountChecks: readonly ProtocolCheck[] = (['sha256', 'sha512'] as const).flatMap((algorithm) => [
  check(`mount: from a repository that has it (${algorithm})`, async (session) => {
    const { client, otherRepository } = session
    const blob = randomContent(512, algorithm)
    await putBlob(client, otherRepository, blob)
    await expectPushed(client, await mount(session, blob.digest, otherRepository), blob)
  }),
  check(`mount: without saying from where (${algorithm})`, async (session) => {
    const { client, otherRepository } = session
    const blob = randomContent(512, algorithm)
    await putBlob(client, otherRepository, blob)
    await expectPushed(client, await mount(session, blob.digest), blob)
  }),
  check(
    `mount: from a repository that does not have it, which begins an upload (${algorithm})`,
    async (session) => {
      const { client, repository, otherRepository } = session
      const blob = randomContent(512, algorithm)
      await putBlob(client, otherRepository, randomContent(16))
      const asked = await mount(session, blob.digest, otherRepository)
      expectStatus(asked, 202)
      expectStatus(await client.ask(`/v2/${repository}/blobs/${blob.digest}`, { method: 'HEAD' }), 404)
      await expectPushed(client, await closeUpload(client, locationOf(asked), blob.digest, blob.bytes), blob)
    },
  ),
  check(`mount: of a deleted blob begins an upload (${algorithm})`, async (session) => {
    const { client, otherRepository } = session
    const blob = randomContent(512, algorithm)
    await putBlob(client, otherRepository, blob)
    expectStatus(await client.ask(`/v2/${otherRepository}/blobs/${blob.digest}`, { method: 'DELETE' }), 202)
    expectStatus(await mount(session, blob.digest, otherRepository), 202)
    expectStatus(await mount(session, blob.digest), 202)
  }),
  check(`mount: stays when the blob is deleted where it came from (${algorithm})`, async (session) => {
    const { client, repository, otherRepository } = session
    const { digest, bytes } = randomContent(512, algorithm)
    await putBlob(client, otherRepository, { digest, bytes })
    expectStatus(await mount(session, digest, otherRepository), 201)
    expectStatus(await client.ask(`/v2/${otherRepository}/blobs/${digest}`, { method: 'DELETE' }), 202)
    const read = await client.ask(`/v2/${repository}/blobs/${digest}`)
    expectStatus(read, 200)
    expectBytes(read, bytes)
  }),
])

function mount(
  { client, repository }: ProtocolSession,
  digest: string,
  from?: string,
): Promise<ProtocolResponse> {
  const query = new URLSearchParams({ mount: digest, ...(from === undefined ? {} : { from }) })
  return client.ask(`/v2/${repository}/blobs/uploads/?${query.toString()}`, { method: 'POST' })
}
