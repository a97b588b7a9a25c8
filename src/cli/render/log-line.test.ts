import { describe, expect, test } from 'vitest'
import { logLine } from './log-line.ts'
import { createStyle } from './style.ts'

const plain = createStyle(false)
const time = new Date(2026, 0, 2, 3, 4, 5).toISOString()

function line(fields: Readonly<Record<string, unknown>>): string | undefined {
  return logLine(JSON.stringify({ time, level: 'info', ...fields }), plain)
}

describe('logLine()', () => {
  const request = { msg: 'request', method: 'GET', path: '/v2/app/manifests/1', received: 90, sent: 1500 }

  test('shows a request with its time, status, method, bytes, milliseconds and path', () => {
    expect(line({ ...request, status: 200, ms: 1.26 })).toBe(
      '03:04:05  200  GET      1.5 KB    1.3 ms  /v2/app/manifests/1',
    )
  })

  test('shows of an upload what came in, and who sent it', () => {
    const upload = { ...request, method: 'PATCH', received: 100_000_000, status: 202, ms: 512.4, user: 'ann' }
    expect(line(upload)).toBe('03:04:05  202  PATCH    100 MB    512 ms  /v2/app/manifests/1  ann')
  })

  test('shows a request that was broken off without a status', () => {
    expect(line({ ...request, msg: 'request broken off', ms: 3 })).toMatch(/^03:04:05  ---  GET /)
  })

  test('lets no control character of a path or a name through', () => {
    const shown = line({ ...request, path: '/v2/\u001b[2J', status: 404, ms: 1, user: 'a\u0007' })
    expect(shown).not.toMatch(/[\u0000-\u001f]/)
  })

  test('shortens digests and ids of uploads', () => {
    const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
    expect(line({ ...request, path: `/v2/app/blobs/${digest}`, status: 200, ms: 1 })).toMatch(
      /\/v2\/app\/blobs\/sha256:0123456789ab…$/,
    )
    const upload = '/v2/app/blobs/uploads/5dbfdd9d-bd85-4d6d-bd0f-12c9866bd53d'
    expect(line({ ...request, path: upload, status: 202, ms: 1 })).toMatch(/uploads\/5dbfdd9d…$/)
  })

  test('leaves out what people are told in other words', () => {
    expect(line({ msg: 'listening', url: 'http://localhost:5000' })).toBeUndefined()
  })

  test('shows a warning with what it is about', () => {
    expect(line({ level: 'warn', msg: 'the disk is nearly full', free: 12 })).toBe(
      '03:04:05  warn the disk is nearly full  free=12',
    )
  })

  test('shows an error with its reason', () => {
    expect(line({ level: 'error', msg: 'the store does not answer', err: { message: 'no space' } })).toBe(
      '03:04:05  error the store does not answer: no space',
    )
  })
})
