import { UsageError } from '../../errors/index.ts'
import type { AccessOptions, AccessRule } from '../../server/index.ts'

const hint = 'Name the users: --htpasswd FILE, or htpasswd below access in registry.yaml.'

/**
 * Refuses what is said of access and does not work: what is left of it when the file of users was forgotten would leave
 * a registry open, or shut for good to those that its rules name.
 *
 * @throws {UsageError}
 */
export function refuseIdleAccess(access: AccessOptions | undefined): void {
  if (access === undefined || access.htpasswdFile !== undefined) return
  const { groups, rules, issuers, tokenLifetimeSeconds } = access
  if (rules === undefined && issuers === undefined) {
    if (groups === undefined && tokenLifetimeSeconds === undefined) return
    throw new UsageError(
      'Cannot serve: there are access settings, but no htpasswd, rules or issuers; everybody might do everything',
      { hint },
    )
  }
  const idle = rules?.findIndex(isForUsers) ?? -1
  if (idle < 0) return
  throw new UsageError(
    `Cannot serve: rule ${idle + 1} (${rules?.[idle]?.repositories}) is for users, and there is no htpasswd file`,
    { hint },
  )
}

/** Also where it is for others too: whoever wrote a name meant somebody who can show a password. */
function isForUsers({ users, groups, authenticated }: AccessRule): boolean {
  return users !== undefined || groups !== undefined || authenticated === true
}
