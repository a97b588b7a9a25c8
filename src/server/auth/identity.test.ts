import { expect, test } from 'vitest'
import { parseRepositoryName } from '../repository-name.ts'
import { allActions } from './scope.ts'
import { identityOf, isTokenIdentity, tokenIdentityOf } from './identity.ts'
import { compilePermissions } from './permissions.ts'
import type { Subject } from './subject.ts'

const alice: Subject = { kind: 'user', name: 'alice' }
const [app, web] = [parseRepositoryName('app'), parseRepositoryName('web')]

test('a token is good for no more than the rules now let its owner do', () => {
  const permissions = compilePermissions({
    rules: [{ repositories: 'app', users: ['alice'], allow: ['pull'] }],
  })
  const scopes = [app, web].map((name) => ({ type: 'repository', name, actions: allActions }) as const)
  const identity = tokenIdentityOf(
    alice,
    [...scopes, { type: 'registry', name: 'catalog', actions: ['*'] }],
    permissions,
  )
  expect(allActions.filter((action) => identity.may(action, app))).toEqual(['pull'])
  expect(allActions.filter((action) => identity.may(action, web))).toEqual([])
  expect([identity.mayList(app), identity.mayList(web)]).toEqual([true, false])
})

test('a token identity is told from others', () => {
  const permissions = compilePermissions({})
  expect(isTokenIdentity(tokenIdentityOf(alice, [], permissions))).toBe(true)
  expect(isTokenIdentity(identityOf(alice, permissions))).toBe(false)
})
