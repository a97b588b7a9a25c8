import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TemporaryStorage, temporaryStorage } from '../../../test/fixtures/registry-storage.ts'
import { type ProtocolServer, serveProtocol } from '../../../test/fixtures/serve-protocol.ts'
import { allChecks } from '../../../test/protocol/all-checks.ts'
import { runCheck } from '../../../test/protocol/protocol-check.ts'
import { type ProtocolClient, protocolClient } from '../../../test/protocol/protocol-client.ts'

describe('the handler answers as the specification wants', () => {
  let stored: TemporaryStorage
  let server: ProtocolServer
  let client: ProtocolClient

  beforeAll(async () => {
    stored = await temporaryStorage()
    server = await serveProtocol({ storage: stored.storage })
    client = protocolClient({ origin: server.origin })
  })

  afterAll(async () => {
    client.close()
    await server.close()
    await stored.close()
  })

  it.each(allChecks)('$name', async (each) => {
    await expect(runCheck(client, each)).resolves.toBeUndefined()
  })

  it('and fails at nothing meanwhile', () => {
    expect(server.log).toEqual([])
  })
})
