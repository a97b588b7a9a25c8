import { expect, it } from 'vitest'
import { checkSarif } from './check-sarif.ts'

it('names a file by a relative reference, whatever is in its name', () => {
  const finding = {
    rule: 'stale',
    level: 'error',
    image: 'docker.io/library/a:1',
    message: 'x',
    hint: null,
    file: 'a:b/c#d?e%20/\uD800.yaml',
    line: 1,
    column: 1,
    length: 0,
  } as const
  const text = JSON.stringify(checkSarif([finding], { folder: 'deploy/', version: '1' }))
  expect(text).toContain('"uri":"deploy/a%3Ab/c%23d%3Fe%2520/%EF%BF%BD.yaml"')
})
