import { glob, readFile } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkHouse } from './architecture/check-house.ts'

const root = dirname(import.meta.dirname)

test('src/ keeps the rules of the house', async () => {
  const sources = new Map<string, string>()
  for await (const path of glob('src/**/*.ts', { cwd: root })) {
    sources.set(path.split(sep).join('/'), await readFile(join(root, path), 'utf8'))
  }
  expect(sources.size).toBeGreaterThan(10)
  expect(checkHouse(sources, await dependencies())).toEqual([])
})

describe('checkHouse()', () => {
  test('lets a house pass that keeps the rules', () => {
    expect(
      check({
        'registry/client.ts': `import { a } from '../content/index.ts'; import type { b } from '../oci/index.ts'; import './auth.ts'`,
        'registry/auth.ts': `import { connect } from 'node:net'; import * as v from 'valibot'; const x = { process: 1 }; x.process`,
        'registry/auth.test.ts': `import { test } from 'vitest'; import 'node:http'; import '../../test/fixtures/x.ts'; import '../stores/index.ts'; process.env`,
        'http/transport.ts': `export { Agent } from 'node:http'; import 'node:tls'`,
        'cli/main.ts': `import { run } from '@stricli/core'; process.exit(); await import('../registry/index.ts'); console.log()`,
        'vulnerabilities/match.ts': `import { type Package } from '../sbom/index.ts'`,
        'content/index.ts': '',
        'oci/index.ts': '',
        'registry/index.ts': '',
        'sbom/index.ts': '',
        'stores/index.ts': '',
      }),
    ).toEqual([])
  })

  test.each([
    ['an edge that is not in the table', `import '../registry/index.ts'`, 'content may not import registry'],
    ['an edge of types', `import type { A } from '../registry/index.ts'`, 'content may not import registry'],
    ['an edge of import()', `await import('../registry/index.ts')`, 'content may not import registry'],
    [
      'an edge of a type import',
      `let a: import('../registry/index.ts').A`,
      'content may not import registry',
    ],
    ['an edge of export from', `export * from '../registry/index.ts'`, 'content may not import registry'],
    ['an edge of require()', `require('../registry/index.ts')`, 'content may not import registry'],
    ['a deep import', `import '../oci/digest.ts'`, 'past the front door of oci'],
    ['an import of cli', `import '../cli/main.ts'`, 'nothing may import cli'],
    ['an import of a test', `import './b.test.ts'`, 'imports the test'],
    ['an import from test/', `import '../../test/fixtures/x.ts'`, 'from outside src/'],
    ['an import that leads nowhere', `import './gone.ts'`, 'does not exist'],
    ['a computed import', `await import(name)`, 'imports something computed'],
    ['process', `if (process.env.A) f()`, 'only cli may touch process'],
    ['process in disguise', `globalThis.process.exit()`, 'only cli may touch process'],
    ['process as a value', `const { env } = process`, 'only cli may touch process'],
    ['process as a module', `import { env } from 'node:process'`, 'only cli may import node:process'],
    ['console', `console.error('x')`, 'only cli may touch console'],
    ['the terminal', `import 'node:readline/promises'`, 'only cli may import node:readline/promises'],
    ['requests', `import { request } from 'node:http'`, 'only http, server, stores may import node:http'],
    ['requests by TLS', `import { get } from 'node:https'`, 'only http, server may import node:https'],
    ['stricli', `import { run } from '@stricli/core'`, 'only cli may import @stricli/core'],
    ['a package that is not installed with Lading', `import 'fastify'`, 'is not a dependency'],
    ['a scoped one', `import '@sigstore/verify'`, 'is not a dependency'],
  ])('finds %s', (_, source, finding) => {
    const found = check({
      'content/a.ts': source,
      'content/b.test.ts': '',
      'registry/index.ts': '',
      'oci/digest.ts': '',
      'cli/main.ts': '',
    })
    expect(found).toHaveLength(1)
    expect(found[0]).toContain('src/content/a.ts: ')
    expect(found[0]).toContain(finding)
  })

  test('finds a package outside its folder also when it is installed', () => {
    expect(check({ 'http/a.ts': `import 'pino'` }, ['pino'])).toEqual([
      'src/http/a.ts: only server may import pino',
    ])
  })

  test('finds that errors imports something', () => {
    expect(check({ 'errors/a.ts': `import '../oci/index.ts'`, 'oci/index.ts': '' })).toEqual([
      'src/errors/a.ts: errors may not import oci',
    ])
  })

  test('finds values where only types may be imported', () => {
    expect(
      check({ 'vulnerabilities/a.ts': `import { a, type B } from '../sbom/index.ts'`, 'sbom/index.ts': '' }),
    ).toEqual(['src/vulnerabilities/a.ts: vulnerabilities may not import sbom'])
  })

  test('finds a cycle between files, also of types and in one folder', () => {
    expect(
      check({
        'oci/a.ts': `import './b.ts'`,
        'oci/b.ts': `import type { C } from './c.ts'`,
        'oci/c.ts': `import './a.ts'`,
      }),
    ).toEqual(['cycle: src/oci/a.ts -> src/oci/b.ts -> src/oci/c.ts -> src/oci/a.ts'])
  })

  test('finds deep imports and imports of cli in tests as well', () => {
    expect(
      check({
        'oci/a.test.ts': `import '../cli/main.ts'; import '../http/secret.ts'`,
        'cli/main.ts': '',
        'http/secret.ts': '',
      }),
    ).toHaveLength(2)
  })

  test('finds a folder without a rule', () => {
    expect(check({ 'attic/a.ts': '' })).toEqual(['src/attic: no rule says what it may import'])
  })

  test('refuses a file that it cannot parse', () => {
    expect(() => check({ 'oci/a.ts': 'import {' })).toThrow(/Cannot parse src\/oci\/a.ts/)
  })
})

function check(
  files: Readonly<Record<string, string>>,
  packages: readonly string[] = ['valibot', '@stricli/core'],
): readonly string[] {
  const sources = new Map(Object.entries(files).map(([path, source]) => [`src/${path}`, source]))
  return checkHouse(sources, new Set(packages))
}

async function dependencies(): Promise<ReadonlySet<string>> {
  const described: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  if (typeof described === 'object' && described !== null && 'dependencies' in described) {
    const listed: unknown = described.dependencies
    if (typeof listed === 'object' && listed !== null) return new Set(Object.keys(listed))
  }
  throw new Error('package.json lists no dependencies')
}
