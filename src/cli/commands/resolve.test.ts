import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildImage, buildIndex, jsonContent } from '../../../test/fixtures/build-image.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { pushToRegistry } from '../../../test/fixtures/push-to-registry.ts'
import { runCli } from '../../../test/fixtures/run-cli.ts'

const amd64 = buildImage({ platform: { os: 'linux', architecture: 'amd64' } })
const arm = buildImage({ platform: { os: 'linux', architecture: 'arm', variant: 'v7' } })
const index = buildIndex([amd64, arm])

describe('lading resolve', () => {
  let registry: MemoryRegistry
  let name: string

  beforeAll(async () => {
    registry = await startMemoryRegistry()
    name = `${registry.host}/team/app`
    await pushToRegistry(registry.host, { 'team/app:1': index, 'team/app:single': amd64 })
  })

  afterAll(async () => {
    await registry.close()
  })

  beforeEach(() => {
    registry.requests.splice(0)
  })

  test('prints the digest and those of the platforms', async () => {
    const { stdout, stderr, exitCode } = await runCli(['resolve', `${name}:1`])
    expect(stdout).toMatch(
      new RegExp(
        `^${name}@${index.descriptor.digest}\n  linux/amd64   ${amd64.descriptor.digest}  .+ B\n  linux/arm/v7  ${arm.descriptor.digest}  .+ B\n$`,
      ),
    )
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  })

  test('breaks no platform’s digest on a narrow terminal', async () => {
    const { stdout } = await runCli(['resolve', '--color', 'never', `${name}:1`], { tty: true, columns: 80 })
    const [, ...lines] = stdout.split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(lines).toContain(`    ${arm.descriptor.digest}`)
  })

  test('prints one value for scripts, for one HEAD request', async () => {
    const { stdout } = await runCli(['resolve', '--quiet', `${name}:1`])
    expect(stdout).toBe(`${name}@${index.descriptor.digest}\n`)
    expect(registry.requests.filter(({ path }) => path !== '/v2/')).toEqual([
      { method: 'HEAD', path: '/v2/team/app/manifests/1', status: 200 },
    ])
  })

  test('prints the digest of a platform', async () => {
    const { stdout } = await runCli(['resolve', '-q', '--platform', 'linux/arm', `${name}:1`])
    expect(stdout).toBe(`${name}@${arm.descriptor.digest}\n`)
  })

  test('lists the platforms there are where one is missing', async () => {
    const { stderr, exitCode } = await runCli(['resolve', '--platform', 'linux/s390x', `${name}:1`])
    expect(stderr).toMatch(/has no image for linux\/s390x\n {2}try: It has linux\/amd64, linux\/arm\/v7\./)
    expect(exitCode).toBe(3)
  })

  test('goes on when one image fails, and ends with 3', async () => {
    const { stdout, stderr, exitCode } = await runCli([
      'resolve',
      '--json',
      `${name}:1`,
      `${name}:gone`,
      `${name}:single`,
    ])
    expect(JSON.parse(stdout)).toEqual({
      images: [
        {
          image: `${name}:1`,
          name: `${name}@${index.descriptor.digest}`,
          digest: index.descriptor.digest,
          mediaType: index.descriptor.mediaType,
          size: index.descriptor.size,
          platforms: [
            { platform: 'linux/amd64', digest: amd64.descriptor.digest, size: amd64.descriptor.size },
            { platform: 'linux/arm/v7', digest: arm.descriptor.digest, size: arm.descriptor.size },
          ],
        },
        {
          image: `${name}:single`,
          name: `${name}@${amd64.descriptor.digest}`,
          digest: amd64.descriptor.digest,
          mediaType: amd64.descriptor.mediaType,
          size: amd64.descriptor.size,
        },
      ],
      errors: [expect.objectContaining({ image: `${name}:gone`, code: 'NOT_FOUND' })],
    })
    expect(stderr).toMatch(/^error: Cannot .*gone/)
    expect(exitCode).toBe(3)
  })

  test('shows no control characters of an index', async () => {
    const hostile = jsonContent('application/vnd.oci.image.index.v1+json', {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [
        {
          mediaType: amd64.descriptor.mediaType,
          digest: amd64.descriptor.digest,
          size: amd64.descriptor.size,
          platform: { os: 'li\u001b[31mnux', architecture: 'a\nb' },
        },
      ],
    })
    await pushToRegistry(registry.host, {
      'team/app:hostile': { ...hostile, contents: [hostile], images: [], layers: [] },
    })
    const { stdout } = await runCli(['resolve', `${name}:hostile`], { tty: true, columns: 120 })
    expect(stdout).not.toContain('\u001b[31m')
    expect(stdout.trimEnd().split('\n')).toHaveLength(2)
  })
})
