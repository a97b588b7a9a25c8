import { readFile } from 'node:fs/promises'
import { number, object, parse, pipe, transform, union } from 'valibot'

/** What vitest's JSON reporter writes, as far as it matters here, or what build/check.ts writes. */
const report = union([
  pipe(
    object({
      numPassedTests: number(),
      numFailedTests: number(),
      numPendingTests: number(),
      numTodoTests: number(),
    }),
    transform((tests) => ({
      passed: tests.numPassedTests,
      failed: tests.numFailedTests,
      skipped: tests.numPendingTests + tests.numTodoTests,
    })),
  ),
  pipe(
    object({ passed: number(), failed: number() }),
    transform((steps) => ({ ...steps, skipped: 0 })),
  ),
])

/**
 * `count-results FILE CODE` prints "passed failed skipped" of a report. CODE is how the run that wrote it ended: when
 * it failed and no test did (a file that could not be loaded, an error outside the tests), that counts as one failure.
 */
async function countResults([file = '', code = '']: readonly string[]): Promise<void> {
  const { passed, failed, skipped } = parse(report, JSON.parse(await readFile(file, 'utf8')))
  const unseen = code !== '0' && failed === 0 ? 1 : 0
  const nothing = passed + failed === 0 ? 1 : 0
  console.log(`${passed} ${failed + Math.max(unseen, nothing)} ${skipped}`)
}

await countResults(process.argv.slice(2))
