import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { unpackTar } from 'modern-tar'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildImage, buildIndex, type FixtureImage } from '../../../test/fixtures/build-image.ts'
import { runCli } from '../../../test/fixtures/run-cli.ts'
import { formatBytes } from '../render/format-bytes.ts'
import { writeLayout } from '../../../test/fixtures/write-layout.ts'

const image = buildImage({
  layers: [
    { etc: { type: 'directory' }, 'etc/a': 'a', 'etc/b': 'old', 'etc/c': 'c' },
    { 'etc/.wh.a': '', 'etc/b': 'new' },
  ],
})
const arm = buildImage({ layers: [{ arm: 'arm' }], platform: { os: 'linux', architecture: 'arm64' } })

describe('lading export', () => {
  let directory: string
  let layout: string

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lading-test-'))
    layout = `oci:${join(directory, 'layout')}`
    await writeLayout(join(directory, 'layout'), { v1: image, multi: buildIndex([image, arm]) })
  })

  afterEach(async () => {
    await rm(directory, { recursive: true })
  })

  const file = (name: string): string => join(directory, name)

  test('writes the merged file system to standard output, the same at every time', async () => {
    const { stdoutBytes, stderr, exitCode } = await runCli(['export', `${layout}:v1`])
    expect(await namesIn(stdoutBytes)).toEqual(['etc/', 'etc/b', 'etc/c'])
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    expect((await runCli(['export', '-o', '-', `${layout}:v1`])).stdoutBytes).toEqual(stdoutBytes)
  })

  test('writes a file, compressed by its ending or as told', async () => {
    const plain = (await runCli(['export', `${layout}:v1`])).stdoutBytes
    const { stdout, stderr, exitCode } = await runCli(['export', `${layout}:v1`, '-o', file('root.tar')])
    expect(stderr).toBe(`wrote ${file('root.tar')} (${formatBytes(plain.length)})\n`)
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 })
    await runCli(['export', `${layout}:v1`, '-o', file('root.tar.gz')])
    await runCli(['export', `${layout}:v1`, '-o', file('root.tar.zst')])
    await runCli(['export', `${layout}:v1`, '-o', file('root.bin'), '--compress', 'zstd'])
    expect(await readFile(file('root.tar'))).toEqual(plain)
    expect(gunzipSync(await readFile(file('root.tar.gz')))).toEqual(plain)
    expect(zstdDecompressSync(await readFile(file('root.tar.zst')))).toEqual(plain)
    expect(zstdDecompressSync(await readFile(file('root.bin')))).toEqual(plain)
  })

  test('writes to no terminal', async () => {
    const { stdout, stderr, exitCode } = await runCli(['export', `${layout}:v1`], { tty: true })
    expect(stderr).toContain('Cannot write the archive to a terminal')
    expect(stderr).toContain('-o FILE')
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
  })

  test('takes the platform that is asked for', async () => {
    const { stdoutBytes } = await runCli(['export', '--platform', 'linux/arm64', `${layout}:multi`])
    expect(await namesIn(stdoutBytes)).toEqual(['arm'])
    const missing = await runCli(['export', '--platform', 'linux/s390x', `${layout}:multi`])
    expect(missing.stderr).toContain('try: It has linux/amd64, linux/arm64.')
    expect(missing.exitCode).toBe(3)
  })

  test.each<[string, FixtureImage, string]>([
    ['climbs out', buildImage({ layers: [{ '../evil': 'x' }] }), 'leaves the root'],
    [
      'links out',
      buildImage({ layers: [{ evil: { type: 'hardlink', target: '../../etc/shadow' } }] }),
      'is a hard link that leaves the root',
    ],
    [
      'is a bomb',
      buildImage({
        layers: [{ files: { zeros: Buffer.alloc(32 * 1024 * 1024) }, compression: 'zstd' }],
      }),
      'became more than 1100 times as many',
    ],
  ])('leaves no file when a layer %s', async (_kind, bad, message) => {
    await writeLayout(join(directory, 'bad'), { v1: bad })
    const { stderr, exitCode } = await runCli(['export', `oci:${file('bad')}:v1`, '-o', file('root.tar')])
    expect(stderr).toContain(message)
    expect(exitCode).toBe(3)
    expect((await readdir(directory)).toSorted()).toEqual(['bad', 'layout'])
  })

  test('leaves the file that is there when a layer is damaged', async () => {
    await writeFile(file('root.tar'), 'precious')
    const [layer] = image.layers
    const blob = file(`layout/blobs/sha256/${layer?.digest.slice('sha256:'.length) ?? ''}`)
    const bytes = await readFile(blob)
    await writeFile(blob, bytes.subarray(0, -10))
    const { stderr, exitCode } = await runCli(['export', `${layout}:v1`, '-o', file('root.tar')])
    expect(stderr).toContain(layer?.digest)
    expect(exitCode).toBe(3)
    expect(await readFile(file('root.tar'), 'utf8')).toBe('precious')
    expect((await readdir(directory)).toSorted()).toEqual(['layout', 'root.tar'])
  })

  test.skipIf(process.platform !== 'linux')('says that a disk is full', async () => {
    const { stderr, exitCode } = await runCli(['export', `${layout}:v1`, '-o', '/dev/full'])
    expect(stderr).toContain('Cannot write /dev/full: no space left on device')
    expect(exitCode).toBe(3)
  })

  test('says that the directory of the file is not there', async () => {
    const { stderr, exitCode } = await runCli(['export', `${layout}:v1`, '-o', file('nope/root.tar')])
    expect(stderr).toMatch(/Cannot write .*nope.*: no such file or directory\n {2}try: /)
    expect(exitCode).toBe(3)
  })
})

async function namesIn(tar: Buffer): Promise<string[]> {
  return (await unpackTar(tar)).map(({ header }) => header.name).toSorted()
}
