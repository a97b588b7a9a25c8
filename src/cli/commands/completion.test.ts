import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCli } from '../../../test/fixtures/run-cli.ts'
import { verbs } from '../verbs.ts'

const shells = ['bash', 'zsh', 'fish'] as const

function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'exit 0']).status === 0
}

describe('lading completion', () => {
  let directory: string
  const scripts = new Map<string, string>()

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lading-completion-'))
    await mkdir(join(directory, 'images', 'layout'), { recursive: true })
    await writeFile(join(directory, 'images', 'app one.tar'), '')
    for (const shell of shells) {
      const { stdout } = await runCli(['completion', shell])
      await writeFile(join(directory, shell), stdout)
      scripts.set(shell, stdout)
    }
  })

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true })
  })

  test.each(shells)('names every verb and its flags to %s', (shell) => {
    const script = scripts.get(shell) ?? ''
    for (const name of Object.keys(verbs)) expect(script).toContain(name)
    expect(script).toContain('all-platforms')
  })

  for (const shell of shells) {
    test.skipIf(!has(shell))(`gives ${shell} a script that it can read (needs ${shell})`, () => {
      const { status, stderr } = spawnSync(shell, ['-n', join(directory, shell)], { encoding: 'utf8' })
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    })
  }

  test.skipIf(!has('bash'))('is registered in bash (needs bash)', () => {
    const { stdout } = spawnSync('bash', ['-c', 'source ./bash; complete -p lading'], {
      cwd: directory,
      encoding: 'utf8',
    })
    expect(stdout).toBe('complete -F _lading lading\n')
  })

  // The words are as bash breaks them: at `:` and `=` too.
  test.skipIf(!has('bash')).each([
    [['ins'], ['inspect']],
    [
      ['help', 'ta'],
      ['tag', 'tags'],
    ],
    [
      ['inspect', '--pl'],
      ['--plain-http', '--platform'],
    ],
    [['inspect', '--platform', 'linux/arm6'], ['linux/arm64']],
    [
      ['inspect', '--color', '=', 'a'],
      ['always', 'auto'],
    ],
    [
      ['inspect', '--color', '='],
      ['always', 'auto', 'never'],
    ],
    [['inspect', 'oci-'], ['oci-archive:']],
    [['inspect', 'oci-archive', ':', 'images/a'], ['images/app one.tar']],
    [['inspect', 'oci-archive:images/a'], ['oci-archive:images/app one.tar']],
    [['inspect', 'oci', ':', 'images/'], ['images/layout']],
    [['save', '-o', 'images/a'], ['images/app one.tar']],
    [
      ['completion', ''],
      ['bash', 'fish', 'zsh'],
    ],
    [['tags', '--limit', ''], []],
    [['nothing', ''], []],
  ])('bash completes %j with %j (needs bash)', (words, candidates) => {
    const drive =
      'source ./bash; COMP_WORDS=(lading "$@"); COMP_CWORD=$#; _lading 2>/dev/null; printf "%s\\n" "${COMPREPLY[@]}"'
    const { stdout } = spawnSync('bash', ['-c', drive, 'bash', ...words], {
      cwd: directory,
      encoding: 'utf8',
    })
    expect(stdout.split('\n').filter(Boolean).toSorted()).toEqual(candidates)
  })

  test.skipIf(!has('fish')).each([
    ['lading ins', ['inspect']],
    ['lading inspect --pl', ['--plain-http', '--platform']],
    ['lading inspect oci:images/', ['oci:images/layout/']],
    ['lading inspect oci-archive:images/l', ['oci-archive:images/layout/']],
    ['lading tags --limit ', []],
  ])('fish completes %j with %j (needs fish)', (line, candidates) => {
    const { stdout } = spawnSync('fish', ['-c', `source ./fish; complete -C '${line}'`], {
      cwd: directory,
      encoding: 'utf8',
      env: { ...process.env, HOME: directory, XDG_CONFIG_HOME: directory, XDG_DATA_HOME: directory },
    })
    const words = stdout.split('\n').flatMap((each) => each.split('\t')[0] ?? [])
    expect(words.filter(Boolean).toSorted()).toEqual(candidates)
  })

  test('refuses a shell that it does not know', async () => {
    const { stdout, stderr, exitCode } = await runCli(['completion', 'powershell'])
    expect(stderr).toMatch(/"powershell".*bash, zsh, fish/)
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
  })
})
