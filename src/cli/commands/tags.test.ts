import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildImage, buildIndex } from '../../../test/fixtures/build-image.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { pushToRegistry } from '../../../test/fixtures/push-to-registry.ts'
import { runCli } from '../../../test/fixtures/run-cli.ts'
import { writeLayout } from '../../../test/fixtures/write-layout.ts'

const one = buildImage({ layers: [{ one: '1' }] })
const two = buildIndex([buildImage({ layers: [{ two: '2' }] })])

describe('lading tags', () => {
  let registry: MemoryRegistry
  let repository: string
  let directory: string

  beforeAll(async () => {
    registry = await startMemoryRegistry({ pageSize: 3 })
    repository = `${registry.host}/team/app`
    await pushToRegistry(registry.host, {
      'team/app:latest': two,
      'team/app:3.10': two,
      'team/app:3.9': one,
      'team/app:3.9.1': one,
      'team/app:3.9-slim': one,
      'team/app:4.0.0-rc.1': two,
      'team/app:4.0.0': two,
      'team/bare': one,
    })
    directory = await mkdtemp(join(tmpdir(), 'lading-tags-'))
    await writeLayout(join(directory, 'layout'), { '1.10': one, '1.9': one, '': two })
  })

  afterAll(async () => {
    await registry.close()
    await rm(directory, { recursive: true, force: true })
  })

  beforeEach(() => {
    registry.requests.splice(0)
  })

  test('prints one tag a line, in the order of versions, over all pages', async () => {
    const { stdout, stderr, exitCode } = await runCli(['tags', repository])
    expect(stdout.split('\n')).toEqual([
      'latest',
      '3.9',
      '3.9-slim',
      '3.9.1',
      '3.10',
      '4.0.0-rc.1',
      '4.0.0',
      '',
    ])
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  })

  test.each([
    [
      ['--filter', '3.*'],
      ['3.9', '3.9-slim', '3.9.1', '3.10'],
    ],
    [
      ['--filter', '^3.9'],
      ['3.9', '3.9.1', '3.10'],
    ],
    [
      ['--filter', '*-slim', '--filter', '>=4'],
      ['3.9-slim', '4.0.0'],
    ],
    [
      ['--filter', '3.*', '--limit', '2'],
      ['3.9.1', '3.10'],
    ],
    [['--limit', '100', '--filter', 'latest'], ['latest']],
  ])('with %j gives %j', async (flags, tags) => {
    const { stdout } = await runCli(['tags', '--json', ...flags, repository])
    expect(JSON.parse(stdout)).toEqual({ repository, tags })
  })

  test('finds the tags on a digest', async () => {
    const { stdout } = await runCli(['tags', '--json', '--digest', one.descriptor.digest, repository])
    expect(JSON.parse(stdout)).toEqual({
      repository,
      digest: one.descriptor.digest,
      tags: ['3.9', '3.9-slim', '3.9.1'],
    })
  })

  test('finds what else an image is called', async () => {
    const { stdout } = await runCli(['tags', '--digest', `${repository}:latest`, repository])
    expect(stdout).toBe('latest\n3.10\n4.0.0-rc.1\n4.0.0\n')
  })

  test('asks for no more tags than it needs', async () => {
    const { stdout } = await runCli([
      'tags',
      '--digest',
      one.descriptor.digest,
      '--filter',
      '3.*',
      '--limit',
      '1',
      repository,
    ])
    expect(stdout).toBe('3.9.1\n')
    expect(registry.requests.map(({ path }) => path)).not.toContain('/v2/team/app/manifests/latest')
  })

  test('says on stderr when there is nothing', async () => {
    const { stdout, stderr, exitCode } = await runCli(['tags', '--filter', '9.*', repository])
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 })
    expect(stderr).toBe(`${repository} has no tag that passes the filter\n`)
  })

  test('reads a layout', async () => {
    const { stdout } = await runCli(['tags', `oci:${join(directory, 'layout')}`])
    expect(stdout).toBe('1.9\n1.10\n')
  })

  test.each([
    ['app:3', /not a repository\n {2}try: lading tags --filter '3\*' app\n/],
    [`app@${one.descriptor.digest}`, /try: lading tags --digest sha256:\w+ app\n/],
    ['oci:dir:1.9', /try: lading tags --filter '1.9\*' oci:dir\n/],
    ['docker-daemon:app', /an engine is not a repository/],
  ])('refuses %s as wrong usage', async (word, message) => {
    const { stdout, stderr, exitCode } = await runCli(['tags', word])
    expect(stderr).toMatch(message)
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
  })

  test('fails, and does not say "none", for a repository that is not there', async () => {
    const { stdout, stderr, exitCode } = await runCli(['tags', `${registry.host}/team/nothing`])
    expect(stderr).toMatch(/^error: Cannot list the tags of /)
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 3 })
  })
})
