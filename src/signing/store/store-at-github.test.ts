import { describe, expect, test } from 'vitest'
import {
  type Answer,
  type AnsweredRequest,
  startAnsweringServer,
} from '../../../test/fixtures/answering-server.ts'
import { createTransport } from '../../http/index.ts'
import { storeAtGithub } from './store-at-github.ts'

const bundle = { mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json' }

describe('storeAtGithub()', () => {
  test('posts the bundle, with the token, and gives the number', async () => {
    const { stored, requests } = await store({ status: 201, body: '{"id":4711}' })
    await expect(stored).resolves.toBe('4711')
    expect(requests).toHaveLength(1)
    expect(requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/repos/me/app/attestations',
      headers: { authorization: 'Bearer secret-token', 'content-type': 'application/json' },
    })
    expect(JSON.parse(String(requests[0]?.body))).toEqual({ bundle })
  })

  test.each([
    [403, 'DENIED', '{"message":"Resource not accessible by integration"}', 'attestations: write'],
    [404, 'DENIED', '{"message":"Not Found"}', 'attestations: write'],
    [401, 'UNAUTHORIZED', '', 'GITHUB_TOKEN'],
  ])('explains %i', async (status, code, body, hint) => {
    const { stored, requests } = await store({ status, body })
    await expect(stored).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) as unknown })
    await expect(stored).rejects.not.toThrow('secret-token')
    expect(requests).toHaveLength(1)
  })

  test.each([
    [
      'a validation that failed',
      { status: 422, body: '{"message":"bad bundle"}' },
      'status 422 (bad bundle)',
    ],
    ['a redirect, which is not followed', { status: 302, headers: { location: '/elsewhere' } }, 'status 302'],
    ['an answer without a number', { status: 201, body: '{}' }, 'did not say its number'],
  ])('fails at %s', async (_, answer, message) => {
    const { stored, requests } = await store(answer)
    await expect(stored).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(message) as unknown,
    })
    expect(requests).toHaveLength(1)
  })
})

async function store(
  answer: Answer,
): Promise<{ readonly stored: Promise<string>; readonly requests: readonly AnsweredRequest[] }> {
  const requests: AnsweredRequest[] = []
  await using server = await startAnsweringServer((request) => {
    requests.push(request)
    return answer
  })
  const transport = createTransport()
  const api = new URL('/api', server.url)
  const stored = storeAtGithub(bundle, { transport, api, token: 'secret-token', repository: 'me/app' })
  await stored.catch(() => undefined)
  await transport.close()
  return { stored, requests }
}
