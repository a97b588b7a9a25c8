import type { Digest, DigestAlgorithm } from '../../oci/index.ts'
import { digestAlgorithm } from '../../oci/index.ts'
import type { ProtocolError } from '../protocol-error.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { StoredBlob } from '../storage/registry/registry-storage.ts'
import { answerBlobCreated, answerUpload } from './answer-upload.ts'
import type { ProtocolCall, ProtocolSettings } from './protocol-call.ts'
import { receiveBody } from './receive-body.ts'
import { addInRoom, commitInRoom } from './repository-room.ts'

/** So many repositories are asked at most whether the caller may mount a blob from them. */
const maxHoldersAsked = 1000

/** `POST /v2/<name>/blobs/uploads/`, with `digest-algorithm` or without. */
export async function startUpload(
  { storage }: ProtocolSettings,
  call: ProtocolCall,
  {
    repository,
    algorithm,
  }: { readonly repository: RepositoryName; readonly algorithm: DigestAlgorithm | undefined },
): Promise<void> {
  const upload = await storage.uploads.start(repository, { algorithm, signal: call.trace.signal })
  return answerUpload(call, 202, repository, upload)
}

/** `POST /v2/<name>/blobs/uploads/?digest=`: a blob in one request. Nothing is left of one that fails. */
export async function pushBlob(
  settings: ProtocolSettings,
  call: ProtocolCall,
  { repository, digest }: { readonly repository: RepositoryName; readonly digest: Digest },
): Promise<void> {
  const { uploads } = settings.storage
  const { signal } = call.trace
  const { id } = await uploads.start(repository, { algorithm: digestAlgorithm(digest), signal })
  let blob: StoredBlob | undefined
  try {
    await receiveBody(settings, call, { repository, upload: id, received: 0, offset: undefined })
    blob = await commitInRoom(settings, { repository, upload: id, digest }, signal)
  } finally {
    if (blob === undefined) await uploads.cancel(repository, id)
  }
  return answerBlobCreated(call, repository, digest)
}

/**
 * `POST /v2/<name>/blobs/uploads/?mount=&from=`: lets the repository have a blob that another one has. Where that one
 * does not have it, or the caller may not pull from there, an upload begins (202), and nothing tells which it was.
 * Without `from`, any repository will do that the caller may pull from. Tokens are made for the repository that is
 * pushed to: where another token would let the caller mount, it is asked for.
 *
 * @throws {ProtocolError} UNAUTHORIZED.
 */
export async function mountBlob(
  settings: ProtocolSettings,
  call: ProtocolCall,
  route: {
    readonly repository: RepositoryName
    readonly digest: Digest
    readonly from: RepositoryName | undefined
  },
): Promise<void> {
  const { repository, digest } = route
  const mounted = await mount(settings, call, route)
  if (mounted) return answerBlobCreated(call, repository, digest)
  return startUpload(settings, call, { repository, algorithm: digestAlgorithm(digest) })
}

async function mount(
  settings: ProtocolSettings,
  { identity, trace, challengeForMore }: ProtocolCall,
  { repository, digest, from }: Parameters<typeof mountBlob>[2],
): Promise<boolean> {
  const { blobs } = settings.storage
  if ((await findStored(settings, repository, digest)) !== undefined) return true
  let challenge: ProtocolError | undefined
  const mountFrom = async (source: RepositoryName): Promise<boolean> => {
    if (source === repository) return false
    if (!identity.may('pull', source)) {
      challenge ??= challengeForMore([
        { action: 'push', repository },
        { action: 'pull', repository: source },
      ])
      return false
    }
    const blob = await findStored(settings, source, digest)
    if (blob === undefined) return false
    const add = (): Promise<StoredBlob | undefined> => blobs.mount(repository, digest, source)
    return (await addInRoom(settings, repository, async () => blob.size, add)) !== undefined
  }
  const mountFromAny = async (): Promise<boolean> => {
    for (let after: RepositoryName | undefined, asked = 0; asked < maxHoldersAsked;) {
      const page = await blobs.holders(digest, { after, limit: 100, signal: trace.signal })
      for (const holder of page) if (await mountFrom(holder)) return true
      if (page.length < 100) return false
      after = page.at(-1)
      asked += page.length
    }
    return false
  }
  const mounted = await (from === undefined ? mountFromAny() : mountFrom(from))
  if (!mounted && challenge !== undefined) throw challenge
  return mounted
}

/** Finds a blob that the disk has not lost: who is told that it is mounted does not bring it again. */
async function findStored(
  { storage: { blobs } }: ProtocolSettings,
  repository: RepositoryName,
  digest: Digest,
): Promise<StoredBlob | undefined> {
  const blob = await blobs.find(repository, digest)
  return blob !== undefined && (await blobs.isStored(blob)) ? blob : undefined
}
