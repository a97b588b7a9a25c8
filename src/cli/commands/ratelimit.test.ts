import { describe, expect, test } from 'vitest'
import { startServer } from '../../../test/fixtures/http-server.ts'
import { runCli } from '../../../test/fixtures/run-cli.ts'

interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

const limited: Answer = {
  headers: {
    'ratelimit-limit': '100;w=21600',
    'ratelimit-remaining': '76;w=21600',
    'docker-ratelimit-source': '203.0.113.7',
  },
}

/** Runs `lading ratelimit` against a registry that answers every question for a manifest so. */
async function ask(answer: Answer, ...flags: string[]) {
  const asked: string[] = []
  await using server = await startServer((request, response) => {
    const isPing = request.url === '/v2/'
    if (!isPing) asked.push(`${request.method ?? ''} ${request.url ?? ''}`)
    // As distribution does with an index that nobody said to accept.
    const isAccepted = request.headers.accept?.includes('application/vnd.oci.image.index.v1+json') ?? false
    const status = isAccepted ? (answer.status ?? 200) : 404
    response.writeHead(isPing ? 200 : status, isPing ? {} : answer.headers).end()
  })
  const registry = `127.0.0.1:${server.port}`
  return { registry, asked, ...(await runCli(['ratelimit', ...flags, `${registry}/team/app:1`])) }
}

describe('lading ratelimit', () => {
  test('says what is left, for one HEAD request', async () => {
    const { registry, asked, stdout, stderr, exitCode } = await ask(limited)
    expect(stdout).toBe(`${registry}: 76 of 100 pulls in 6 h left, counted for 203.0.113.7\n`)
    expect(asked).toEqual(['HEAD /v2/team/app/manifests/1'])
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  })

  test('gives one value for scripts', async () => {
    expect((await ask(limited, '--quiet')).stdout).toBe('76\n')
  })

  test('gives one object for programs', async () => {
    const { registry, stdout } = await ask(limited, '--json')
    expect(JSON.parse(stdout)).toEqual({
      registry,
      limit: 100,
      remaining: 76,
      windowSeconds: 21_600,
      source: '203.0.113.7',
    })
  })

  test('says so when the registry does not tell', async () => {
    const { registry, stdout, exitCode } = await ask({})
    expect({ stdout, exitCode }).toEqual({ stdout: `${registry} tells of no rate limit\n`, exitCode: 0 })
  })

  test('gives null to programs when the registry does not tell', async () => {
    const { registry, stdout } = await ask({}, '--json')
    expect(JSON.parse(stdout)).toEqual({
      registry,
      limit: null,
      remaining: null,
      windowSeconds: null,
      source: null,
    })
  })

  test('prints nothing that could pass for a number when the registry does not tell', async () => {
    const { registry, stdout, stderr } = await ask({}, '--quiet')
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: `${registry} tells of no rate limit\n` })
  })

  test('fails when the image is not there', async () => {
    const { stdout, stderr, exitCode } = await ask({ status: 404 })
    expect(stderr).toMatch(/^error: Cannot ask .* for its rate limit/)
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 3 })
  })

  test('refuses places that are no registry', async () => {
    const { stderr, exitCode } = await runCli(['ratelimit', 'oci:dir'])
    expect(stderr).toContain('only registries have one')
    expect(exitCode).toBe(2)
  })
})
