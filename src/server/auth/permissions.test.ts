import { describe, expect, test } from 'vitest'
import type { AccessOptions, AccessRule } from '../server-options.ts'
import { AccessConfigurationError } from './access-configuration-error.ts'
import type { Action } from './gate.ts'
import { compilePermissions } from './permissions.ts'
import { allActions } from './scope.ts'
import { anonymous, type Subject } from './subject.ts'

const issuer = 'https://issuer.example'
const alice: Subject = { kind: 'user', name: 'alice' }
const bob: Subject = { kind: 'user', name: 'bob' }

function workload(claims: Record<string, string[]>, from: string = issuer): Subject {
  return { kind: 'workload', issuer: from, name: 'alice', claims }
}

const access: AccessOptions = {
  issuers: [{ url: issuer, audience: 'lading' }],
  groups: { makers: ['bob'] },
}

function allowed(rules: readonly AccessRule[], subject: Subject, repository: string): readonly Action[] {
  const permissions = compilePermissions({ ...access, rules })
  return allActions.filter((action) => permissions.may(subject, action, repository))
}

describe('compilePermissions()', () => {
  test('without rules, users may everything and nobody else anything', () => {
    const permissions = compilePermissions(access)
    expect(permissions.may(alice, 'delete', 'x')).toBe(true)
    expect(permissions.may(anonymous, 'pull', 'x')).toBe(false)
    expect(permissions.may(workload({ sub: ['x'] }), 'pull', 'x')).toBe(false)
  })

  test('without a rule that says so, nobody may anything', () => {
    expect(allowed([], alice, 'x')).toEqual([])
    expect(allowed([{ repositories: 'a/**', authenticated: true, allow: ['pull'] }], alice, 'b/x')).toEqual(
      [],
    )
  })

  test.each([
    ['users', { users: ['alice'] }, [alice]],
    ['groups', { groups: ['makers'] }, [bob]],
    ['authenticated', { authenticated: true }, [alice, bob]],
    ['anonymous', { anonymous: true }, [alice, bob, anonymous, workload({})]],
  ])('a rule for %s is for them', (_, who, meant) => {
    const rules: AccessRule[] = [{ repositories: 'team/**', allow: ['pull'], ...who }]
    const everybody = [alice, bob, anonymous, workload({})]
    expect(everybody.filter((subject) => allowed(rules, subject, 'team/app').includes('pull'))).toEqual(meant)
  })

  test('rules add up', () => {
    const rules: AccessRule[] = [
      { repositories: '**', anonymous: true, allow: ['pull'] },
      { repositories: 'team/**', users: ['alice'], allow: ['push'] },
      { repositories: 'team/old', groups: ['makers'], allow: ['delete'] },
    ]
    expect(allowed(rules, alice, 'team/old')).toEqual(['pull', 'push'])
    expect(allowed(rules, bob, 'team/old')).toEqual(['pull', 'delete'])
    expect(allowed(rules, bob, 'team/app')).toEqual(['pull'])
  })

  test.each([
    ['all claims match', { repository: 'org/app', ref: 'refs/heads/main' }, issuer, true],
    ['one claim does not match', { repository: 'org/app', ref: 'refs/heads/x' }, issuer, false],
    ['a claim is missing', { repository: 'org/app' }, issuer, false],
    [
      'the issuer is another',
      { repository: 'org/app', ref: 'refs/heads/main' },
      'https://evil.example',
      false,
    ],
  ])('a rule for workloads, where %s', (_, claims, from, meant) => {
    const rules: AccessRule[] = [
      {
        repositories: '**',
        workloads: [{ issuer, claims: { repository: 'org/*', ref: 'refs/heads/main' } }],
        allow: ['push'],
      },
    ]
    const values = Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, [value]]))
    expect(allowed(rules, workload(values, from), 'x')).toEqual(meant ? ['push'] : [])
  })

  test('of a claim with several values one has to match', () => {
    const rules: AccessRule[] = [
      { repositories: '**', workloads: [{ issuer, claims: { groups: 'makers' } }], allow: ['pull'] },
    ]
    expect(allowed(rules, workload({ groups: ['a', 'makers'] }), 'x')).toEqual(['pull'])
    expect(allowed(rules, workload({ groups: [] }), 'x')).toEqual([])
  })

  test('a workload that is called like a user is not that user', () => {
    const rules: AccessRule[] = [
      { repositories: '**', users: ['alice'], authenticated: true, allow: ['pull'] },
    ]
    expect(allowed(rules, workload({}), 'x')).toEqual([])
  })

  test('a claim that every object inherits is not there', () => {
    const rules: AccessRule[] = [
      { repositories: '**', workloads: [{ issuer, claims: { constructor: '*' } }], allow: ['pull'] },
    ]
    expect(allowed(rules, workload({}), 'x')).toEqual([])
  })

  test.each([
    ['a group that is not there', { groups: ['maker'] }],
    ['a group that every object inherits', { groups: ['constructor'] }],
    ['an issuer that is not there', { workloads: [{ issuer: `${issuer}/`, claims: { sub: 'x' } }] }],
    ['a workload without claims', { workloads: [{ issuer, claims: {} }] }],
    ['nobody', {}],
    ['nobody, at length', { users: [], anonymous: false }],
    ['a pattern of no repository', { anonymous: true, repositories: 'Team/*' }],
  ])('refuses a rule for %s', (_, rule) => {
    const rules: AccessRule[] = [{ repositories: '**', allow: ['pull'], ...rule }]
    expect(() => compilePermissions({ ...access, rules })).toThrow(AccessConfigurationError)
  })

  test('tells which claims of an issuer are asked for', () => {
    const rules: AccessRule[] = [
      { repositories: '**', workloads: [{ issuer, claims: { a: '1', b: '2' } }], allow: ['pull'] },
      { repositories: 'x', workloads: [{ issuer, claims: { b: '2', c: '3' } }], allow: ['pull'] },
    ]
    const permissions = compilePermissions({ ...access, rules })
    expect([...permissions.claimsOf(issuer)]).toEqual(['a', 'b', 'c'])
    expect([...permissions.claimsOf('https://other.example')]).toEqual([])
  })
})
