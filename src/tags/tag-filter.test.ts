import { describe, expect, test } from 'vitest'
import { UsageError } from '../errors/index.ts'
import { parseTagFilter } from './tag-filter.ts'

const tags = [
  '3',
  '3.8.20',
  '3.9',
  '3.9.1',
  '3.9.1-slim',
  '3.10.0rc1',
  '3.10.0',
  'v3.11.0',
  '3.11.0.1',
  '4.0.0-rc.1',
  '4.0.0',
  'latest',
  'bookworm',
]

describe('parseTagFilter()', () => {
  test.each([
    ['3.*', ['3.8.20', '3.9', '3.9.1', '3.9.1-slim', '3.10.0rc1', '3.10.0', '3.11.0.1']],
    ['*-slim', ['3.9.1-slim']],
    ['{latest,bookworm}', ['latest', 'bookworm']],
    ['3.9', ['3.9']],
    ['^3.9', ['3.9', '3.9.1', '3.10.0', 'v3.11.0']],
    ['>=3.9 <3.11', ['3.9', '3.9.1', '3.10.0']],
    ['3.8 - 3.9', ['3.8.20', '3.9', '3.9.1']],
    ['3.9.x', ['3.9', '3.9.1']],
    ['4.x || ~3.8', ['3.8.20', '4.0.0']],
    ['=4.0.0-rc.1', ['4.0.0-rc.1']],
    ['>=4.0.0-rc.0', ['4.0.0-rc.1', '4.0.0']],
    ['>=3.10.0-rc.0 <3.11', ['3.10.0rc1', '3.10.0']],
  ])('%s means %j', async (text, meant) => {
    const matches = await parseTagFilter(text)
    expect(tags.filter((tag) => matches(tag))).toEqual(meant)
  })

  test.each(['', '^slim', '>= <', '~~'])('refuses %j', async (text) => {
    await expect(parseTagFilter(text)).rejects.toThrow(UsageError)
  })
})
