import { expectStatus } from '../protocol/expect-response.ts'
import { type ProtocolClient, protocolClient } from '../protocol/protocol-client.ts'
import { type WayToPush, waysToPush } from '../protocol/push-blob.ts'
import { sendManifest } from '../protocol/push-manifest.ts'
import type { RandomContent } from '../protocol/random-content.ts'
import { absent, type AcknowledgedContent, type WholeManifest } from './acknowledged-content.ts'
import type { RandomChoices } from './random-choices.ts'
import { indexOf, randomImage } from './random-manifest.ts'

/** What the clients of one registry have in common. */
export interface PushingOptions {
  readonly origin: string
  readonly choices: RandomChoices
  /** Blobs that every client pushes now and then. */
  readonly shared: readonly RandomContent[]
  /** Whether the server has been killed: from then on requests may break off. */
  readonly isKilled: () => boolean
}

/**
 * Pushes, tags, mounts and deletes in one repository until the server is gone, and keeps account of what was
 * acknowledged.
 *
 * @throws when the server answers something else than it should, or breaks off before it was killed.
 */
export async function pushUntilKilled(content: AcknowledgedContent, options: PushingOptions): Promise<void> {
  const client = protocolClient({ origin: options.origin })
  try {
    while (!options.isKilled()) await act(client, content, options)
  } catch (error) {
    if (!options.isKilled() || !isBrokenConnection(error)) throw error
  } finally {
    client.close()
  }
}

async function act(
  client: ProtocolClient,
  content: AcknowledgedContent,
  options: PushingOptions,
): Promise<void> {
  const { choices } = options
  const known = [...content.manifests.values()].slice(-20)
  const some = known[choices.number(known.length)]
  const tag = `v${choices.number(12)}`
  const action = choices.number(20)
  if (some === undefined || action < 11) {
    await push(client, content, options, randomImage(choices, options.shared), tag)
  } else if (action < 13) {
    await push(client, content, options, randomImage(choices, options.shared), undefined)
  } else if (action < 15) {
    await sendWhole(client, content, some, tag)
  } else if (action < 17) {
    await push(client, content, options, indexOf([some, ...known.slice(0, 1)]), tag)
  } else if (action < 18) {
    await untag(client, content, tag)
  } else if (!content.children.has(some.digest)) {
    await remove(client, content, some)
  }
}

async function push(
  client: ProtocolClient,
  content: AcknowledgedContent,
  { choices }: PushingOptions,
  manifest: WholeManifest,
  tag: string | undefined,
): Promise<void> {
  for (const blob of manifest.blobs) {
    if (content.blobs.has(blob.digest)) continue
    const way = choices.one<WayToPush>(['in one POST', 'POST then PUT', 'streamed', 'in three chunks'])
    expectStatus(await waysToPush[way](client, content.repository, blob), 201)
    content.blobs.set(blob.digest, blob)
  }
  await sendWhole(client, content, manifest, tag)
}

async function sendWhole(
  client: ProtocolClient,
  content: AcknowledgedContent,
  manifest: WholeManifest,
  tag: string | undefined,
): Promise<void> {
  content.beginPush(manifest, tag)
  expectStatus(await sendManifest(client, content.repository, manifest, tag ?? manifest.digest), 201)
  content.endPush(manifest, tag)
}

async function untag(client: ProtocolClient, content: AcknowledgedContent, tag: string): Promise<void> {
  content.beginUntag(tag)
  const path = `/v2/${content.repository}/manifests/${tag}`
  expectStatus(await client.ask(path, { method: 'DELETE' }), 202, 404)
  content.settleTag(tag, absent)
}

async function remove(
  client: ProtocolClient,
  content: AcknowledgedContent,
  manifest: WholeManifest,
): Promise<void> {
  content.beginDelete(manifest)
  const path = `/v2/${content.repository}/manifests/${manifest.digest}`
  expectStatus(await client.ask(path, { method: 'DELETE' }), 202)
  content.endDelete(manifest)
}

function isBrokenConnection(error: unknown): boolean {
  return error instanceof Error && 'code' in error && brokenConnection.has(String(error.code))
}

const brokenConnection: ReadonlySet<string> = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ECONNABORTED'])
