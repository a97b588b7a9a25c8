import { describe, expect, test } from 'vitest'
import { connectionError } from './connection-error.ts'
import { HttpConnectionError, HttpRefusedError } from './errors.ts'

const url = new URL('https://me:secret@registry.example:5000/v2/?token=secret')
const failure = (code: string, more: object = {}): Error =>
  Object.assign(new Error(`raw ${code}`), { code, ...more })

describe('connectionError()', () => {
  test.each([
    ['ENOTFOUND', 'dns', 'Cannot reach registry.example:5000: no such host'],
    ['EAI_AGAIN', 'dns', 'Cannot reach registry.example:5000: its name could not be looked up'],
    ['ECONNREFUSED', 'connect', 'Cannot reach registry.example:5000: nothing listens there'],
    ['EHOSTUNREACH', 'connect', 'Cannot reach registry.example:5000: no way leads there (EHOSTUNREACH)'],
    ['CONNECT_TIMEOUT', 'timeout', 'Cannot reach registry.example:5000: it did not connect in time'],
    [
      'HEADERS_TIMEOUT',
      'timeout',
      'Cannot GET https://registry.example:5000/v2/?token=REDACTED: no answer came in time',
    ],
    [
      'INCOMPLETE',
      'reset',
      'Cannot GET https://registry.example:5000/v2/?token=REDACTED: the connection broke off (raw INCOMPLETE)',
    ],
    [
      'EPIPE',
      'reset',
      'Cannot GET https://registry.example:5000/v2/?token=REDACTED: the connection broke off (raw EPIPE)',
    ],
    [
      'HPE_INVALID_CONSTANT',
      'protocol',
      'Cannot GET https://registry.example:5000/v2/?token=REDACTED: the answer cannot be understood (raw HPE_INVALID_CONSTANT)',
    ],
    [
      'HPE_INVALID_EOF_STATE',
      'reset',
      'Cannot GET https://registry.example:5000/v2/?token=REDACTED: the connection broke off (raw HPE_INVALID_EOF_STATE)',
    ],
    ['CERT_HAS_EXPIRED', 'tls', 'Cannot reach registry.example:5000: its certificate has expired'],
    [
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'not-tls',
      'Cannot reach registry.example:5000: it speaks plain http, not https',
    ],
  ])('%s: %s', (code, reason, message) => {
    const cause = failure(code)
    const error = connectionError('GET', url, cause)
    expect(error).toBeInstanceOf(HttpConnectionError)
    expect(error).toMatchObject({ reason, message, cause })
  })

  test('says what to do where a client certificate is wanted', () => {
    const cause = failure('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', {
      reason: 'tlsv13 alert certificate required',
    })
    expect(connectionError('GET', url, cause)).toMatchObject({
      reason: 'tls',
      message: 'Cannot reach registry.example:5000: TLS failed (tlsv13 alert certificate required)',
      hint: 'If it wants a client certificate, put client.cert and client.key into /etc/docker/certs.d/registry.example:5000/.',
    })
  })

  test('takes the first of several addresses that failed', () => {
    const cause = new AggregateError([failure('ECONNREFUSED'), failure('ENETUNREACH')])
    expect(connectionError('GET', url, cause)).toMatchObject({ reason: 'connect' })
  })

  test('leaves errors of our own as they are', () => {
    const own = new HttpRefusedError('Cannot connect: no')
    expect(connectionError('GET', url, own)).toBe(own)
  })
})
