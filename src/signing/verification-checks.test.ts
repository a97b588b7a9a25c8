import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verificationChecks } from './types.ts'

test('docs/trust-model.md explains every check, in the order in which they are made', async () => {
  const text = await readFile(join(import.meta.dirname, '../../docs/trust-model.md'), 'utf8')
  const [, table = ''] = text.split('## What is checked, in order')
  const [rows = ''] = table.split('\n## ')
  const named = [...rows.matchAll(/^\| (`.*?`) +\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name),
  )
  expect(named).toEqual(verificationChecks)
})
