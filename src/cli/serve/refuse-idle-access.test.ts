import { describe, expect, test } from 'vitest'
import type { AccessOptions } from '../../server/index.ts'
import { refuseIdleAccess } from './refuse-idle-access.ts'

const issuers = [{ url: 'https://issuer.example', audience: 'registry.example' }]

describe('refuseIdleAccess()', () => {
  test.each<[string, AccessOptions | undefined]>([
    ['nothing', undefined],
    ['users', { htpasswdFile: 'users', groups: { team: ['ann'] } }],
    ['everybody', { rules: [{ repositories: '**', anonymous: true, allow: ['pull'] }] }],
    ['workloads', { issuers, rules: [] }],
  ])('takes what works: %s', (_, access) => {
    expect(() => refuseIdleAccess(access)).not.toThrow()
  })

  test.each<[AccessOptions]>([[{ groups: { team: ['ann'] } }], [{ tokenLifetimeSeconds: 300 }]])(
    'refuses settings that would leave the registry open: %j',
    (access) => {
      expect(() => refuseIdleAccess(access)).toThrow(/everybody might do everything/)
    },
  )

  test.each([{ users: ['ann'] }, { groups: ['team'] }, { authenticated: true }])(
    'refuses a rule for users where there are none: %j',
    (who) => {
      const rules: AccessOptions['rules'] = [
        { repositories: 'public/**', anonymous: true, allow: ['pull'] },
        { repositories: 'team/**', ...who, allow: ['push'] },
      ]
      expect(() => refuseIdleAccess({ issuers, rules })).toThrow(
        'Cannot serve: rule 2 (team/**) is for users, and there is no htpasswd file',
      )
    },
  )
})
