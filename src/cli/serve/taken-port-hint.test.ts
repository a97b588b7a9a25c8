import { expect, test } from 'vitest'
import { ListenError } from '../../server/index.ts'
import { withTakenPortHint } from './taken-port-hint.ts'

async function hintFor(
  address: { readonly host: string; readonly port: number },
  platform: string,
): Promise<string | undefined> {
  const taken = new ListenError('LISTEN_TAKEN', 'taken')
  const error: unknown = await withTakenPortHint(address, platform, () => Promise.reject(taken)).catch(
    (thrown: unknown) => thrown,
  )
  return error instanceof ListenError ? error.hint : undefined
}

test.each([
  ['linux', 'localhost', 5000, 'lading serve --listen localhost:5001'],
  ['linux', '::1', 8000, 'lading serve --listen [::1]:8001'],
  ['linux', 'localhost', 65_535, 'lading serve --listen localhost:5000'],
  ['darwin', 'localhost', 5001, 'lading serve --listen localhost:5002'],
])('on %s a taken %s:%d is answered with %s', async (platform, host, port, hint) => {
  expect(await hintFor({ host, port }, platform)).toBe(hint)
})

test('on macOS it is said who holds port 5000', async () => {
  expect(await hintFor({ host: 'localhost', port: 5000 }, 'darwin')).toMatch(
    /^lading serve --listen localhost:5001 \(on macOS the AirPlay Receiver holds port 5000/,
  )
})

test('any other error passes', async () => {
  const other = new Error('other')
  const address = { host: 'localhost', port: 5000 }
  await expect(withTakenPortHint(address, 'darwin', () => Promise.reject(other))).rejects.toBe(other)
})
