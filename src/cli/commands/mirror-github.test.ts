import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../../../test/fixtures/http-server.ts'
import { firstImage, type LockedProject, openLockedProject } from '../../../test/fixtures/locked-project.ts'
import { parseManifest } from '../../oci/index.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'

const { digest } = firstImage.descriptor
let bundle: unknown
let github: TestServer
let project: LockedProject
let mirror: MemoryRegistry
let at: string

beforeEach(async () => {
  github = await startServer((_, response) => {
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ attestations: [{ bundle }] }))
  })
  project = await openLockedProject({ GITHUB_API_URL: `http://127.0.0.1:${github.port}` })
  mirror = await startMemoryRegistry()
  bundle = project.attest(firstImage, 'me/app')
  const name = await project.publish('app', { 1: firstImage })
  at = `${mirror.host}/${name.replace(':', '_')}`
  await project.write({ Dockerfile: `FROM ${name}:1\n` })
})
afterEach(async () => {
  await github[Symbol.asyncDispose]()
  await mirror.close()
  await project[Symbol.asyncDispose]()
})

describe('lading mirror of an image whose signature is at GitHub', () => {
  test('keeps the signature beside the image, as a referrer, and once', async () => {
    await settings()
    expect((await project.run('lock')).stdout).toContain('verified')
    expect((await project.run('mirror')).exitCode).toBe(0)
    expect(await referrers()).toHaveLength(1)
    expect((await project.run('mirror')).exitCode).toBe(0)
    expect(await referrers()).toHaveLength(1)
  })

  test('asks nobody for what is kept with the lock', async () => {
    await settings('proofs: vendor')
    await project.run('lock')
    await github[Symbol.asyncDispose]()
    expect((await project.run('mirror')).exitCode).toBe(0)
    expect(await referrers()).toHaveLength(1)
  })

  test('gives the image no tag where GitHub does not say what it has', async () => {
    await settings()
    await project.run('lock')
    await github[Symbol.asyncDispose]()
    const { stderr, exitCode } = await project.run('mirror')
    expect(exitCode).toBe(3)
    expect(stderr).toContain('GitHub')
    expect((await project.run('tags', at)).stdout).toBe('')
  })
})

async function settings(lock = ''): Promise<void> {
  await project.write({
    'lading.yaml': `lock: {mirror: "${mirror.host}"${lock === '' ? '' : `, ${lock}`}}
trust:
  rules:
    - images: '**'
      signers: [{github: {repository: me/app}}]
      search: github
`,
  })
}

/** The digests of what refers to the image at the mirror. */
async function referrers(): Promise<readonly string[]> {
  const answer = await fetch(`http://${at.replace('/', '/v2/')}/referrers/${digest}`)
  const index = parseManifest(await answer.bytes())
  if (index.kind !== 'index') throw new Error('the registry lists no referrers')
  return index.manifests.map((one) => one.digest)
}
