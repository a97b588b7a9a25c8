import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ServeProcess } from '../fixtures/serve-process.ts'
import { allChecks } from '../protocol/all-checks.ts'
import { runChecks } from '../protocol/protocol-check.ts'
import { parseConformanceReport, runConformance } from './conformance-run.ts'
import { startDockerRegistry } from './docker-registry.ts'
import { because, lacks } from './peer.ts'
import { authorityFile, guardedUser, startGuarded, startOpen } from './served.ts'
import { withFolder } from './with-folder.ts'

/** The suite has some 800 tests; a run of fewer than these has left out a part. */
const fewest = 500

describe.skipIf(lacks('conformance'))(
  `the conformance suite of the specification${because('conformance')}`,
  { timeout: 300_000 },
  () => {
    let server: ServeProcess

    beforeAll(async () => {
      server = await startOpen()
    })

    afterAll(async () => {
      await server.stop()
    })

    test.each(['1.1', 'dev'] as const)('passes whole at %s', async (version) => {
      const { passed, missed } = await runConformance({ host: server.host, version })
      expect(missed).toEqual([])
      expect(passed).toBeGreaterThan(fewest)
    })

    test.each(['1.1', 'dev'] as const)('passes whole at %s with TLS and a password', async (version) => {
      await withFolder(async (folder) => {
        await using guarded = await startGuarded(folder)
        const { passed, missed } = await runConformance({
          host: guarded.host,
          version,
          tls: true,
          caFile: authorityFile,
          user: guardedUser,
        })
        expect(missed).toEqual([])
        expect(passed).toBeGreaterThan(fewest)
      })
    })
  },
)

test("the suite's report is read with its names and reasons", () => {
  const report = [
    '<testsuites tests="3" failures="1">',
    '  <testsuite name="OCI Conformance Test">',
    '    <testcase name="OCI Conformance Test/ping" classname="" time="0.001" status="passed">',
    '      <system-err>GET /v2/&#xA;</system-err>',
    '    </testcase>',
    '    <testcase name="a/&#34;b&#34;" classname="" time="0.001" status="failure">',
    '      <system-out>expected &lt;201&gt; &amp; got 202</system-out>',
    '    </testcase>',
    '    <testcase name="c" classname="" status="skipped"></testcase>',
    '  </testsuite>',
    '</testsuites>',
  ].join('\n')
  expect(parseConformanceReport(report)).toEqual({
    passed: 1,
    missed: [
      { name: 'a/"b"', status: 'failure', reason: 'expected <201> & got 202' },
      { name: 'c', status: 'skipped', reason: '' },
    ],
  })
})

describe.skipIf(lacks('docker-registry'))(`our checks of the protocol${because('docker-registry')}`, () => {
  test('find what docker-registry does otherwise, and nothing where it does the same', async () => {
    await using registry = await startDockerRegistry()
    const failures = await runChecks({ origin: `http://${registry.host}` }, allChecks)
    const failed = new Set(failures.map(({ name }) => name))
    expect([...failed]).toEqual(
      expect.arrayContaining([
        'blob push: in one POST (sha256)',
        'blob push: streamed (sha512)',
        'upload: chunks out of order are 416 and the upload goes on (sha256)',
        'mount: without saying from where (sha256)',
        'manifest: pushed by digest with tags (sha256)',
        'referrers: of what is not there is an empty index',
      ]),
    )
    for (const name of [
      'base: /v2/ answers',
      'blob push: streamed (sha256)',
      'blob range: bytes=500-1499',
      'mount: from a repository that has it (sha256)',
      'manifest: a tag that moves leaves the old digest',
      'manifest: refused while blobs are missing, which are named',
    ]) {
      expect(allChecks.some((each) => each.name === name)).toBe(true)
      expect(failed).not.toContain(name)
    }
  })
})
