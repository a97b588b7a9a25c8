import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildArtifact, buildImage, buildIndex } from '../../../test/fixtures/build-image.ts'
import { runCli } from '../../../test/fixtures/run-cli.ts'
import { writeLayout } from '../../../test/fixtures/write-layout.ts'

const base = {
  bin: { type: 'symlink', target: 'usr/bin' },
  etc: { type: 'directory' },
  'etc/motd': 'hello\n',
  'etc/passwd': 'root:x:0:0\n',
  old: { type: 'directory' },
  'old/a': 'a',
  usr: { type: 'directory' },
  'usr/bin': { type: 'directory' },
  'usr/bin/[': 'test',
  'usr/bin/su': { type: 'file', content: 'su', mode: 0o4755, uid: 1000 },
  'usr/bin/sudo': { type: 'hardlink', target: 'usr/bin/su' },
} as const
const top = { 'etc/.wh.motd': '', 'old/.wh..wh..opq': '', 'old/b': 'bb' } as const
const image = buildImage({ layers: [base, top] })
const arm = buildImage({
  layers: [{ 'arm.txt': 'arm' }],
  platform: { os: 'linux', architecture: 'arm64' },
})
const spiteful = buildImage({ layers: [{ 'a\u001b[2Jb': '1', 'c\nd': '2' }] })
const escaping = buildImage({ layers: [{ '../../evil': 'x' }] })

describe('lading files', () => {
  let directory: string
  let layout: string

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lading-test-'))
    layout = `oci:${directory}`
    await writeLayout(directory, {
      v1: image,
      multi: buildIndex([image, arm]),
      spiteful,
      escaping,
      artifact: buildArtifact(),
    })
  })

  afterAll(async () => {
    await rm(directory, { recursive: true })
  })

  test('lists what all layers together show, sorted, a path a line', async () => {
    const { stdout, stderr, exitCode } = await runCli(['files', `${layout}:v1`])
    expect(stdout.trimEnd().split('\n')).toEqual([
      '/bin',
      '/etc',
      '/etc/passwd',
      '/old',
      '/old/b',
      '/usr',
      '/usr/bin',
      '/usr/bin/[',
      '/usr/bin/su',
      '/usr/bin/sudo',
    ])
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  })

  test('shows mode, owner, size, time, layer and links with -l', async () => {
    const { stdout } = await runCli(['files', '-l', `${layout}:v1`, '/usr/bin', '/bin', '/old'])
    expect(stdout).toBe(
      [
        'MODE        OWNER   SIZE  MODIFIED (UTC)    LAYER  PATH',
        'lrwxrwxrwx  0:0        -  1970-01-01 00:00      0  /bin -> usr/bin',
        'drwxr-xr-x  0:0        -  1970-01-01 00:00      0  /old',
        '-rw-r--r--  0:0        2  1970-01-01 00:00      1  /old/b',
        'drwxr-xr-x  0:0        -  1970-01-01 00:00      0  /usr/bin',
        '-rw-r--r--  0:0        4  1970-01-01 00:00      0  /usr/bin/[',
        '-rwsr-xr-x  1000:0     2  1970-01-01 00:00      0  /usr/bin/su',
        'hrw-r--r--  0:0        -  1970-01-01 00:00      0  /usr/bin/sudo link to /usr/bin/su',
        '',
      ].join('\n'),
    )
  })

  test('shows a link to a directory, and what is in that', async () => {
    const { stdout } = await runCli(['files', `${layout}:v1`, 'bin'])
    expect(stdout).toBe('/bin\n/usr/bin\n/usr/bin/[\n/usr/bin/su\n/usr/bin/sudo\n')
  })

  test.each([
    [['/bin/su'], ['/usr/bin/su']],
    [['/usr/bin/['], ['/usr/bin/[']],
    [
      ['su*', '/etc/../old/b'],
      ['/old/b', '/usr/bin/su', '/usr/bin/sudo'],
    ],
    [
      ['/**/b', '/etc/*'],
      ['/etc/passwd', '/old/b'],
    ],
  ])('lists %j', async (paths, expected) => {
    const { stdout } = await runCli(['files', `${layout}:v1`, ...paths])
    expect(stdout.trimEnd().split('\n')).toEqual(expected)
  })

  test('lists one layer, with what it removes', async () => {
    const { stdout } = await runCli(['files', '--layer', '1', `${layout}:v1`])
    expect(stdout).toBe('/etc/.wh.motd\n/old/.wh..wh..opq\n/old/b\n')
    const long = await runCli(['files', '-l', '--layer', image.layers[1]?.digest ?? '', `${layout}:v1`])
    expect(long.stdout.split('\n').slice(1, 4)).toEqual([
      'whiteout    -         -  -                     1  /etc/motd',
      'opaque      -         -  -                     1  /old',
      '-rw-r--r--  0:0       2  1970-01-01 00:00      1  /old/b',
    ])
  })

  test('refuses a layer that is not there', async () => {
    const { stderr, exitCode } = await runCli(['files', '--layer', '2', `${layout}:v1`])
    expect(stderr).toMatch(/no such layer\n {2}try: Its layers are 0 to 1\./)
    expect(exitCode).toBe(2)
  })

  test('prints one JSON object', async () => {
    const { stdout } = await runCli(['files', '--json', `${layout}:v1`, '/bin/sudo', '/etc', '/bin'])
    const answer: unknown = JSON.parse(stdout)
    expect(answer).toMatchObject({
      image: `${layout}:v1`,
      digest: image.descriptor.digest,
      platform: 'linux/amd64',
      layers: image.layers.map(({ digest }) => digest),
    })
    expect(answer).toHaveProperty('files.0', {
      path: '/bin',
      type: 'symlink',
      mode: '0777',
      uid: 0,
      gid: 0,
      size: 0,
      mtime: '1970-01-01T00:00:00.000Z',
      link: 'usr/bin',
      layer: 0,
    })
    expect(answer).toHaveProperty('files.6.link', '/usr/bin/su')
    const one = await runCli(['files', '--json', '--layer', '1', `${layout}:v1`, '/etc'])
    expect(JSON.parse(one.stdout)).toHaveProperty('files', [
      { path: '/etc/motd', type: 'whiteout', layer: 1 },
    ])
  })

  test('says when there is nothing at a path, with what is near', async () => {
    const { stdout, stderr, exitCode } = await runCli(['files', `${layout}:v1`, '/etc/passw'])
    expect(stderr).toBe(
      'error: Cannot find /etc/passw in the image: there is no such file\n  try: There is /etc/passwd.\n',
    )
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 3 })
  })

  test('says when a glob matches nothing', async () => {
    const { stdout, stderr, exitCode } = await runCli(['files', `${layout}:v1`, '*.pem', '/etc'])
    expect(stderr).toContain('Cannot list *.pem: it matches nothing')
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 3 })
  })

  test('takes the platform that is asked for, and lists those there are where it is missing', async () => {
    const found = await runCli(['files', '--platform', 'linux/arm64', `${layout}:multi`])
    expect(found.stdout).toBe('/arm.txt\n')
    const missing = await runCli(['files', '--platform', 'linux/s390x', `${layout}:multi`])
    expect(missing.stderr).toContain('try: It has linux/amd64, linux/arm64.')
    expect(missing.exitCode).toBe(3)
    const alone = await runCli(['files', '--platform', 'linux/s390x', `${layout}:v1`])
    expect(alone.stderr).toContain('try: It has linux/amd64.')
    expect(alone.exitCode).toBe(3)
  })

  test('shows control characters in names as escapes', async () => {
    const { stdout } = await runCli(['files', `${layout}:spiteful`])
    expect(stdout).toBe('/a\\x1b[2Jb\n/c\\x0ad\n')
    const json = await runCli(['files', '--json', `${layout}:spiteful`])
    expect(JSON.parse(json.stdout)).toHaveProperty('files.0.path', '/a\u001b[2Jb')
  })

  test('refuses a layer that leaves the root, and lists nothing', async () => {
    const { stdout, stderr, exitCode } = await runCli(['files', `${layout}:escaping`])
    expect(stderr).toContain('entry "../../evil" leaves the root')
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 3 })
  })

  test('refuses an artifact', async () => {
    const { stderr, exitCode } = await runCli(['files', `${layout}:artifact`])
    expect(stderr).toContain('it is an artifact (application/vnd.example.sbom), not an image')
    expect(exitCode).toBe(3)
  })
})
