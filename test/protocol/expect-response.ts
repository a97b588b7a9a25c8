import { strict as assert } from 'node:assert'
import type { ProtocolResponse } from './protocol-client.ts'

/** @throws {AssertionError} when the status is none of these; the message has what was asked and answered. */
export function expectStatus(response: ProtocolResponse, ...statuses: readonly number[]): void {
  if (statuses.includes(response.status)) return
  const said = response.body.subarray(0, 300).toString().trim()
  assert.fail(
    `${response.asked}: ${response.status}${said === '' ? '' : ` ${said}`}, not ${statuses.join(' or ')}`,
  )
}

/** @throws {AssertionError} when a header has another value or is not there. */
export function expectHeader(response: ProtocolResponse, name: string, value: string): void {
  assert.equal(headerOf(response, name), value, `${response.asked}: ${name}`)
}

/** A header's value; several lines of one are joined. @throws {AssertionError} when it is not there. */
export function headerOf(response: ProtocolResponse, name: string): string {
  const value = response.headers[name.toLowerCase()]
  assert.ok(value !== undefined, `${response.asked}: no ${name}`)
  return Array.isArray(value) ? value.join(', ') : value
}

/** Where the answer says that things go on. @throws {AssertionError} when it does not. */
export function locationOf(response: ProtocolResponse): URL {
  return new URL(headerOf(response, 'Location'), response.url)
}

/** @throws {AssertionError} unless it is an error in the specification's shape with this status and code. */
export function expectError(
  response: ProtocolResponse,
  status: number | readonly number[],
  ...codes: readonly string[]
): void {
  expectStatus(response, ...(typeof status === 'number' ? [status] : status))
  const found = errorCodes(response)
  assert.ok(
    found.length > 0,
    `${response.asked}: no error in the specification's shape: ${response.body.toString()}`,
  )
  assert.ok(
    codes.length === 0 || found.some((code) => codes.includes(code)),
    `${response.asked}: ${found.join(', ')}, not ${codes.join(' or ')}`,
  )
}

/** The codes of an answer's errors; empty when it has none in the specification's shape. */
export function errorCodes(response: ProtocolResponse): readonly string[] {
  const said = jsonOf(response)
  if (!isRecord(said) || !Array.isArray(said['errors'])) return []
  return said['errors'].flatMap((each: unknown) =>
    isRecord(each) && typeof each['code'] === 'string' && /^[A-Z_]+$/.test(each['code'])
      ? [each['code']]
      : [],
  )
}

/** The body as JSON; undefined when it is none. */
export function jsonOf(response: ProtocolResponse): unknown {
  try {
    return JSON.parse(response.body.toString())
  } catch {
    return undefined
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The texts of a listing: `tags` or `repositories`. @throws {AssertionError} when it has another shape. */
export function textsOf(response: ProtocolResponse, key: string): readonly string[] {
  const said = jsonOf(response)
  const texts: unknown = isRecord(said) ? said[key] : undefined
  assert.ok(
    Array.isArray(texts) && texts.every((each) => typeof each === 'string'),
    `${response.asked}: ${key} is no list of texts: ${response.body.toString()}`,
  )
  return texts
}

/** @throws {AssertionError} unless the body is these bytes and the length is said. */
export function expectBytes(response: ProtocolResponse, bytes: Uint8Array): void {
  assert.ok(response.body.equals(bytes), `${response.asked}: other bytes (${response.body.length})`)
  expectHeader(response, 'Content-Length', String(bytes.length))
}
