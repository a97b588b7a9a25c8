import { afterEach, describe, expect, it } from 'vitest'
import { rawConnection } from '../../../test/fixtures/raw-connection.ts'
import { type ProtocolServer, serveProtocol } from '../../../test/fixtures/serve-protocol.ts'
import type { Gate, Identity, Wanted } from '../auth/gate.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { RegistryStorage } from '../storage/registry/registry-storage.ts'

const digest = `sha256:${'a'.repeat(64)}`
const upload = '0b671a64-40d5-491e-99b0-da01ff1f3341'

let server: ProtocolServer | undefined

afterEach(async () => {
  await server?.close()
  server = undefined
})

/** Every request that names a repository, and what it takes. */
const requests: readonly (readonly [action: string, method: string, path: string])[] = [
  ['pull', 'GET', '/v2/team/app/tags/list'],
  ['pull', 'GET', `/v2/team/app/referrers/${digest}`],
  ['pull', 'GET', '/v2/team/app/manifests/latest'],
  ['pull', 'HEAD', '/v2/team/app/manifests/latest'],
  ['pull', 'GET', `/v2/team/app/manifests/${digest}`],
  ['pull', 'GET', `/v2/team/app/blobs/${digest}`],
  ['pull', 'HEAD', `/v2/team/app/blobs/${digest}`],
  ['push', 'PUT', '/v2/team/app/manifests/latest'],
  ['push', 'PUT', `/v2/team/app/manifests/${digest}?tag=latest`],
  ['push', 'POST', '/v2/team/app/blobs/uploads/'],
  ['push', 'POST', `/v2/team/app/blobs/uploads/?digest=${digest}`],
  ['push', 'POST', `/v2/team/app/blobs/uploads/?mount=${digest}&from=other`],
  ['push', 'GET', `/v2/team/app/blobs/uploads/${upload}`],
  ['push', 'PATCH', `/v2/team/app/blobs/uploads/${upload}`],
  ['push', 'PUT', `/v2/team/app/blobs/uploads/${upload}?digest=${digest}`],
  ['push', 'DELETE', `/v2/team/app/blobs/uploads/${upload}`],
  ['delete', 'DELETE', '/v2/team/app/manifests/latest'],
  ['delete', 'DELETE', `/v2/team/app/manifests/${digest}`],
  ['delete', 'DELETE', `/v2/team/app/blobs/${digest}`],
]

/**
 * CVE-2026-41888: a registry that asked whether a manifest may be deleted, and did not ask for its tags. CVE-2026-31801:
 * one that took an overwritten tag for a new one.
 */
describe('the gate is asked before anything is read or written', () => {
  it.each(requests)('needs %s for %s %s', async (action, method, path) => {
    const asked: Wanted[] = []
    const others = new Set(['pull', 'push', 'delete'])
    others.delete(action)
    server = await serveProtocol({
      storage: untouchable(),
      gate: gateOf({ may: (wanted) => others.has(wanted) }, asked),
    })
    expect(await statusOf(method, path)).toBe(403)
    expect(asked).toEqual([{ action, repository: 'team/app' }])
  })

  it('refuses wrong credentials before it says whether anything is there', async () => {
    const gate: Gate = {
      ...gateOf({}),
      async identify() {
        throw new ProtocolError('UNAUTHORIZED', 'no such user or password', {
          headers: { 'WWW-Authenticate': 'Basic realm="x"' },
        })
      },
    }
    server = await serveProtocol({ storage: untouchable(), gate })
    for (const [, method, path] of requests) expect(await statusOf(method, path)).toBe(401)
  })

  it('asks for credentials at /v2/, so that docker shows them later', async () => {
    server = await serveProtocol({ storage: untouchable(), gate: gateOf({ by: 'anonymous' }) })
    expect(await statusOf('GET', '/v2/')).toBe(401)
    expect(await statusOf('HEAD', '/v2')).toBe(401)
  })

  it.each(['password', 'token', 'workload'] as const)('answers /v2/ to who shows a %s', async (by) => {
    server = await serveProtocol({ storage: untouchable(), gate: gateOf({ by, may: () => false }) })
    expect(await statusOf('GET', '/v2/')).toBe(200)
  })

  it('refuses what is no request without asking who sent it', async () => {
    const gate: Gate = {
      ...gateOf({}),
      async identify() {
        throw new Error('nobody was to be asked')
      },
    }
    server = await serveProtocol({ storage: untouchable(), gate })
    expect(await statusOf('GET', '/v2/team%2Fapp/manifests/latest')).toBe(400)
    expect(await statusOf('GET', '/v2/team/../team/manifests/latest')).toBe(400)
  })
})

async function statusOf(method: string, path: string): Promise<number | undefined> {
  const connection = await rawConnection(server?.port ?? 0)
  try {
    connection.send(`${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`)
    return (await connection.receive({ toHead: method === 'HEAD' }))?.status
  } finally {
    connection.close()
  }
}

/** A gate with rules; what was refused is added to `refused`. */
function gateOf(
  { by = 'password', may = () => true, mayList = () => true }: Partial<Omit<Identity, 'name'>>,
  refused: Wanted[] = [],
): Gate {
  return {
    isOpen: false,
    identify: async () => ({ name: by === 'anonymous' ? undefined : 'captain', by, may, mayList }),
    refusal(_credentials, identity, wanted) {
      refused.push(...wanted)
      return identity.by === 'anonymous'
        ? new ProtocolError('UNAUTHORIZED', 'who are you?', {
            headers: { 'WWW-Authenticate': 'Basic realm="x"' },
          })
        : new ProtocolError('DENIED', 'you may not')
    },
    challengeForMore: () => undefined,
  }
}

/** A storage that nobody may reach: whatever is asked of it throws, which would be answered with 500. */
function untouchable(): RegistryStorage {
  const parts = ['repositories', 'tags', 'manifests', 'referrers', 'blobs', 'uploads'] as const
  const storage: Partial<RegistryStorage> = {}
  for (const part of parts) {
    Object.defineProperty(storage, part, {
      get() {
        throw new Error(`${part} were reached`)
      },
    })
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every part is defined above
  return storage as RegistryStorage
}
