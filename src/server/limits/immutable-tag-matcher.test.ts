import { expect, test } from 'vitest'
import { UsageError } from '../../errors/index.ts'
import { AccessConfigurationError } from '../auth/access-configuration-error.ts'
import { createImmutableTagMatcher } from './immutable-tag-matcher.ts'

test('a tag is immutable where an entry means its repository and it', async () => {
  const isImmutable = await createImmutableTagMatcher([
    { repositories: 'team/**', tags: ['v*', '>=2'] },
    { repositories: 'base', tags: ['*'] },
  ])
  expect(isImmutable('team/app', 'v1')).toBe(true)
  expect(isImmutable('team/app', '2.1.0')).toBe(true)
  expect(isImmutable('team/app', '1.1.0')).toBe(false)
  expect(isImmutable('team/app', 'latest')).toBe(false)
  expect(isImmutable('other/app', 'v1')).toBe(false)
  expect(isImmutable('base', 'latest')).toBe(true)
})

test('no tag is, unless it is said', async () => {
  const isImmutable = await createImmutableTagMatcher()
  expect(isImmutable('team/app', 'v1')).toBe(false)
})

test('refuses what cannot be read', async () => {
  await expect(createImmutableTagMatcher([{ repositories: '/x', tags: ['*'] }])).rejects.toThrow(
    AccessConfigurationError,
  )
  await expect(createImmutableTagMatcher([{ repositories: '**', tags: ['>='] }])).rejects.toThrow(UsageError)
})
