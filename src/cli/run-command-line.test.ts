import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { runCli } from '../../test/fixtures/run-cli.ts'
import { verbs } from './verbs.ts'

describe('the command line', () => {
  test.each([[[]], [['--help']], [['-h']], [['help']]])('shows the verbs for %j', async (words) => {
    const { stdout, stderr, exitCode } = await runCli(words)
    expect(stdout).toContain('resolve')
    expect(stdout).toContain('Exit codes: 0 done, 1 the answer is no')
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  })

  test.each([[['--version']], [['-V']], [['version']]])('says its version for %j', async (words) => {
    expect((await runCli(words)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  test('shows one verb, its usual command lines first', async () => {
    const { stdout } = await runCli(['help', 'resolve'])
    expect(stdout).toMatch(/^lading resolve: .*\n\n {2}lading resolve /)
    expect(stdout).toBe((await runCli(['resolve', '--help'])).stdout)
  })

  test.each(Object.keys(verbs))('helps with %s on a terminal of 80 columns', async (name) => {
    const { stdout, exitCode } = await runCli(['help', name], { tty: true, columns: 80 })
    const help = stripVTControlCharacters(stdout)
    const [, options = ''] = help.split('\nusage')
    expect(options.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(exitCode).toBe(0)
  })

  test.each([
    [['digest', 'alpine'], /that is another tool's verb\n {2}try: lading resolve --quiet alpine\n/],
    [['resolv', 'alpine'], /there is no such verb\n {2}try: lading resolve alpine\n/],
    [['--json', 'resolve', 'alpine'], /options stand behind the verb\n {2}try: lading resolve --json/],
    [['resolve'], /it needs IMAGE…/],
    [['resolve', '--plattform', 'linux', 'x'], /no option --plattform; did you mean --platform/],
    [['serve', '--port', '5001'], /serve has no option --port\n/],
    [['serve', 'registry.yaml'], /it takes options only, not "registry.yaml"\n/],
    [['resolve', '--platform', 'a/b/c/d/e', 'x'], /Cannot read platform/],
    [['resolve', 'UPPER'], /must be lowercase/],
  ])('refuses %j as wrong usage', async (words, message) => {
    const { stdout, stderr, exitCode } = await runCli(words)
    expect(stderr).toMatch(message)
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
  })
})
