import { describe, expect, test } from 'vitest'
import { ListenError } from './listen-error.ts'
import { refuseExposure } from './refuse-exposure.ts'

/** CVE-2026-4404: whoever reached a registry that was just installed could enter. What is open is for its machine alone. */
describe('refuseExposure()', () => {
  test.each(['localhost', '127.0.0.1', '127.8.9.10', '::1', 'registry.localhost'])(
    'lets %s listen',
    (host) => {
      expect(() => refuseExposure({ host, port: 5000 }, {})).not.toThrow()
    },
  )

  test.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '192.168.1.1',
    'registry.example',
    '::ffff:10.0.0.1',
    '127.evil.example',
  ])('refuses %s without TLS, and names what to say', (host) => {
    const refused = errorOf(() => refuseExposure({ host, port: 5000 }, {}))
    expect(refused.code).toBe('LISTEN_EXPOSED')
    expect(refused.hint).toMatch(/--tls-cert .*--behind-tls-proxy .*--insecure .*container/)
  })

  test.each([{ tls: { certificateFile: 'c', keyFile: 'k' } }, { behindTlsProxy: true }, { insecure: true }])(
    'lets every address listen with %j',
    (said) => {
      expect(() => refuseExposure({ host: '0.0.0.0', port: 5000 }, said)).not.toThrow()
    },
  )
})

function errorOf(run: () => void): ListenError {
  try {
    run()
  } catch (error) {
    if (error instanceof ListenError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
