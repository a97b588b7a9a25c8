import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lading, mustLading } from './run-lading.ts'
import { withFolder } from './with-folder.ts'

/** Archives that other tools wrote; they lie beside the checkout where the project is developed. */
const folder = join(dirname(dirname(dirname(import.meta.dirname))), 'shared', 'testdata', 'images')
const reason = existsSync(folder) ? '' : ` (skipped: no ${folder})`

describe.skipIf(reason !== '')(`archives that other tools wrote${reason}`, () => {
  test.each([
    ['docker-archive', 'dive-test-docker-image.tar'],
    ['docker-archive', 'dive-test-oci-gzip-image.tar'],
    ['oci-archive', 'dive-test-oci-gzip-image.tar'],
    ['docker-archive', 'ggcr-hello-world-v25.tar'],
    ['docker-archive', 'ggcr-overwritten_file.tar'],
    ['docker-archive', 'ggcr-test_bundle.tar:test_image_1'],
    ['docker-archive', 'ggcr-whiteout_image.tar'],
  ])('%s:%s is looked at, exported and copied under one digest', async (kind, file) => {
    const place = `${kind}:${join(folder, file)}`
    const resolved = await mustLading(['resolve', '--quiet', place])
    const digest = resolved.slice(resolved.indexOf('@') + 1)
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    await mustLading(['inspect', '--json', place])
    const exported = (await lading(['export', place, '-o', '-'])).stdoutBytes
    expect(exported.length).toBeGreaterThan(1024)
    expect(exported.length % 512).toBe(0)
    await withFolder(async (copies) => {
      const layout = `oci:${join(copies, 'layout')}:copy`
      await mustLading(['copy', place, layout])
      expect(await mustLading(['resolve', '--quiet', layout])).toContain(digest)
    })
  })

  test('one with several images says which there are', async () => {
    const { code, stderr } = await lading([
      'resolve',
      `docker-archive:${join(folder, 'ggcr-test_bundle.tar')}`,
    ])
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/test_image_1/)
    expect(stderr).toMatch(/test_image_2/)
  })
})
