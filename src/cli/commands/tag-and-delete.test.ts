import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildArtifact, buildImage } from '../../../test/fixtures/build-image.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { pushToRegistry } from '../../../test/fixtures/push-to-registry.ts'
import { runCli } from '../../../test/fixtures/run-cli.ts'

const image = buildImage()
const sbom = buildArtifact({ subject: image.descriptor })
let registry: MemoryRegistry
let name: string

beforeEach(async () => {
  registry = await startMemoryRegistry()
  name = `${registry.host}/app`
  await pushToRegistry(registry.host, { 'app:1.4.2': image, 'app:other': image })
})

afterEach(() => registry.close())

describe('lading tag', () => {
  test('sets several tags at once and uploads no blob', async () => {
    registry.requests.splice(0)
    const result = await runCli(['tag', `${name}:1.4.2`, '1.4', `${name}:1`])
    expect(result.exitCode).toBe(0)
    expect([registry.tags('app').get('1.4'), registry.tags('app').get('1')]).toEqual([
      image.descriptor.digest,
      image.descriptor.digest,
    ])
    expect(registry.requests.filter(({ path }) => path.includes('/blobs/'))).toEqual([])
  })

  test('refuses another repository and says what copies', async () => {
    const result = await runCli(['tag', `${name}:1.4.2`, `${registry.host}/elsewhere:1`])
    expect(result).toMatchObject({ exitCode: 2 })
    expect(result.stderr).toContain(`lading copy ${name}:1.4.2 ${registry.host}/elsewhere:1`)
  })

  test.each(['-bad', 'a b', 'x'.repeat(129)])('refuses %j, which is no tag', async (tag) => {
    expect((await runCli(['tag', `${name}:1.4.2`, '--', tag])).exitCode).toBe(2)
  })
})

describe('lading delete', () => {
  test('shows what would go, and leaves it without --apply', async () => {
    const result = await runCli(['delete', `${name}:1.4.2`])
    expect(result.exitCode).toBe(0)
    expect(result.stdout).toContain('the tag alone')
    expect(result.stderr).toContain('--apply')
    expect(registry.tags('app').has('1.4.2')).toBe(true)
  })

  test('deletes a tag alone', async () => {
    const result = await runCli(['delete', '--apply', `${name}:1.4.2`])
    expect(result.exitCode).toBe(0)
    expect([...registry.tags('app').keys()]).toEqual(['other'])
  })

  test('deletes a digest, having said which tags and referrers that concerns', async () => {
    await pushToRegistry(registry.host, { app: sbom })
    const result = await runCli(['delete', '--apply', `${name}@${image.descriptor.digest}`])
    expect(result.exitCode).toBe(0)
    expect(result.stdout).toContain('with the tags 1.4.2, other')
    expect(result.stdout).toContain(sbom.descriptor.digest)
    expect(registry.tags('app').size).toBe(0)
  })

  test('says so when the registry cannot delete', async () => {
    const other = await startMemoryRegistry({ deletes: 'none' })
    await pushToRegistry(other.host, { 'app:1': image })
    const result = await runCli(['delete', '--apply', '--json', `${other.host}/app:1`])
    await other.close()
    expect(result.exitCode).toBe(3)
    expect(JSON.parse(result.stdout)).toMatchObject({
      applied: true,
      deletions: [{ deleted: false, error: { code: 'UNSUPPORTED' } }],
    })
  })

  test('a tag that is not there is a failure', async () => {
    expect(await runCli(['delete', '--apply', `${name}:nope`])).toMatchObject({ exitCode: 3 })
  })
})
