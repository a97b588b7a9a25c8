import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRepositoryName } from '../repository-name.ts'
import { allActions, parseScope, scopesOf, scopeText } from './scope.ts'

const app = parseRepositoryName('team/app')
const web = parseRepositoryName('web')

describe('parseScope()', () => {
  test.each([
    ['repository:team/app:pull', ['pull']],
    ['repository:team/app:push,pull', ['pull', 'push']],
    ['repository:team/app:pull,pull', ['pull']],
    ['repository:team/app:*', ['pull', 'push', 'delete']],
    ['repository:team/app:pull,metadata', ['pull']],
  ])('reads %s', (text, actions) => {
    expect(parseScope(text)).toEqual({ type: 'repository', name: 'team/app', actions })
  })

  test('reads the scope of the catalogue', () => {
    expect(parseScope('registry:catalog:*')).toEqual({ type: 'registry', name: 'catalog', actions: ['*'] })
  })

  test.each([
    '',
    'repository',
    'repository:team/app',
    'repository:team/app:',
    'repository::pull',
    'repository:Team/App:pull',
    'repository:../etc:pull',
    'repository:team/app:fly',
    'repository:team/app:PULL',
    'repository:host:5000/team/app:pull',
    'repository(plugin):team/app:pull',
    'registry:catalog:pull',
    'registry:other:*',
    'cluster:x:*',
    ' repository:team/app:pull',
  ])('reads nothing in %j', (text) => {
    expect(parseScope(text)).toBeUndefined()
  })

  test('reads what scopeText() writes', () => {
    fc.assert(
      fc.property(
        fc.subarray([...allActions], { minLength: 1 }),
        fc.constantFrom(app, web),
        (actions, name) => {
          const scope = { type: 'repository', name, actions } as const
          expect(parseScope(scopeText(scope))).toEqual(scope)
        },
      ),
    )
  })

  test('never throws, and names no repository that there cannot be', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((name) => `repository:${name}:pull`),
        ),
        (text) => {
          const name = parseScope(text)?.name ?? 'catalog'
          expect(parseRepositoryName(name)).toBe(name)
        },
      ),
    )
  })
})

describe('scopesOf()', () => {
  test('names each repository once, and the pull of who pushes', () => {
    expect(
      scopesOf([
        { action: 'push', repository: app },
        { action: 'pull', repository: web },
        { action: 'delete', repository: app },
      ]),
    ).toBe('repository:team/app:pull,push,delete repository:web:pull')
  })
})
