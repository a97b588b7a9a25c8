import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { bindListeners } from './bind-listeners.ts'

describe('bindListeners()', () => {
  const opened: Server[] = []
  const create = (): Server => {
    const server = createServer()
    opened.push(server)
    return server
  }

  afterEach(() => {
    for (const server of opened.splice(0)) server.close()
  })

  test('localhost is 127.0.0.1 and ::1 on one port', async () => {
    const { servers, port } = await bindListeners({ host: 'localhost', port: 0 }, create)
    const addresses = servers.map((server) => server.address())
    const both = [
      expect.objectContaining({ address: '127.0.0.1', port }),
      expect.objectContaining({ address: '::1', port }),
    ]
    // A machine may be without IPv6.
    expect(addresses).toEqual(both.slice(0, addresses.length))
    expect(addresses.length).toBeGreaterThan(0)
  })

  test('says that a port is taken, and leaves nothing open', async () => {
    const { port } = await bindListeners({ host: '127.0.0.1', port: 0 }, create)
    await expect(bindListeners({ host: 'localhost', port }, create)).rejects.toMatchObject({
      code: 'LISTEN_TAKEN',
      message: `Cannot listen on 127.0.0.1:${port}: another program does already`,
    })
    expect(opened.filter((server) => server.listening)).toHaveLength(1)
  })

  test('refuses a port that is taken on ::1 alone, and leaves nothing open', async (context) => {
    const taken = await bindListeners({ host: '::1', port: 0 }, create).catch(() => undefined)
    if (taken === undefined) return context.skip('this machine has no IPv6')
    await expect(bindListeners({ host: 'localhost', port: taken.port }, create)).rejects.toMatchObject({
      code: 'LISTEN_TAKEN',
    })
    expect(opened.filter((server) => server.listening)).toHaveLength(1)
  })

  test('says that an address is none of this machine', async () => {
    await expect(bindListeners({ host: '192.0.2.1', port: 0 }, create)).rejects.toThrow(/no such address/)
  })
})
