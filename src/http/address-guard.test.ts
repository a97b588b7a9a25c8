import type { LookupFunction } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createAddressGuard } from './address-guard.ts'
import { HttpRefusedError } from './errors.ts'

const privately: LookupFunction = (_name, options, callback) => {
  if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }])
  else callback(null, '127.0.0.1', 4)
}
const registry = new URL('https://registry.test/')
const inside = new URL('https://10.0.0.1/')

// What it does to requests is tested in transport-redirects.test.ts.
describe('createAddressGuard()', () => {
  test('guards a registry that was at a public address, though its name leads inside now', async () => {
    const guard = createAddressGuard(privately)
    expect(await guard.guards(inside, registry)).toBe(false)
    guard.connectedTo('registry.test', '8.8.8.8')
    await expect(guard.guards(inside, registry)).rejects.toThrow(HttpRefusedError)
  })

  test('does not guard one that was connected to inside', async () => {
    const guard = createAddressGuard(privately)
    guard.connectedTo('registry.test', '127.0.0.1')
    expect(await guard.guards(inside, registry)).toBe(false)
  })

  test('never guards what goes to the registry itself', async () => {
    const guard = createAddressGuard(privately)
    guard.connectedTo('registry.test', '8.8.8.8')
    expect(await guard.guards(new URL('https://registry.test/v2/'), registry)).toBe(false)
    expect(await guard.guards(new URL('https://registry.test:443/v2/'), registry)).toBe(false)
  })
})
