import { describe, expect, test } from 'vitest'
import { buildImage } from '../../test/fixtures/build-image.ts'
import { withScriptedRegistry } from '../../test/fixtures/scripted-registry.ts'
import type { ScriptedExchange } from '../../test/fixtures/scripted-server.ts'
import { bytesBody } from '../content/index.ts'

const { descriptor, bytes } = buildImage()
const request = { method: 'PUT', path: `/v2/me/app/manifests/${descriptor.digest}` } as const
const refused = (code: string): ScriptedExchange => [
  request,
  { status: 400, body: JSON.stringify({ errors: [{ code }] }) },
]
const patient = { client: () => ({ wait: () => Promise.resolve() }) }

describe('pushing a manifest', () => {
  test('is tried again while a blob that was pushed is not known', () =>
    withScriptedRegistry(
      [refused('MANIFEST_BLOB_UNKNOWN'), refused('MANIFEST_BLOB_UNKNOWN'), [request, { status: 201 }]],
      async ({ repository }) => {
        await expect(repository.push(descriptor, bytesBody(bytes))).resolves.toBeUndefined()
      },
      patient,
    ))

  test('ends when it never is, and at once for another reason', () =>
    withScriptedRegistry(
      [...Array.from({ length: 4 }, () => refused('MANIFEST_BLOB_UNKNOWN')), refused('MANIFEST_INVALID')],
      async ({ repository }) => {
        await expect(repository.push(descriptor, bytesBody(bytes))).rejects.toThrow('MANIFEST_BLOB_UNKNOWN')
        await expect(repository.push(descriptor, bytesBody(bytes))).rejects.toThrow('MANIFEST_INVALID')
      },
      patient,
    ))
})
