import type { AccessOptions, AccessRule, WorkloadMatch } from '../server-options.ts'
import { AccessConfigurationError } from './access-configuration-error.ts'
import { parseClaimPattern } from './claim-pattern.ts'
import type { Action } from './gate.ts'
import { parseRepositoryPattern } from './repository-pattern.ts'
import type { Subject } from './subject.ts'

/** What the rules let somebody do. */
export interface Permissions {
  may(subject: Subject, action: Action, repository: string): boolean
  /** The claims of an issuer's tokens that rules ask for. */
  claimsOf(issuer: string): ReadonlySet<string>
}

/**
 * Reads the rules. What no rule allows is refused. Without rules, users of the htpasswd file may do everything, and
 * nobody else anything.
 *
 * @throws {AccessConfigurationError} for a pattern that cannot be read, a group or an issuer that is not configured, a
 * rule that is for nobody.
 */
export function compilePermissions(access: AccessOptions): Permissions {
  const { rules } = access
  const compiled = rules?.map((rule, index) => compileRule(rule, index, access))
  return {
    may: (subject, action, repository) =>
      compiled === undefined
        ? subject.kind === 'user'
        : compiled.some(
            (rule) => rule.allow.has(action) && rule.isMeantFor(subject) && rule.repositories(repository),
          ),
    claimsOf: (issuer) =>
      new Set(workloadsOf(rules ?? [], issuer).flatMap(({ claims }) => Object.keys(claims))),
  }
}

interface CompiledRule {
  readonly allow: ReadonlySet<Action>
  readonly repositories: (repository: string) => boolean
  readonly isMeantFor: (subject: Subject) => boolean
}

function compileRule(rule: AccessRule, index: number, access: AccessOptions): CompiledRule {
  checkNames(rule, index, access)
  const users = new Set([
    ...(rule.users ?? []),
    ...(rule.groups ?? []).flatMap((group) => membersOf(access, group) ?? []),
  ])
  const workloads = (rule.workloads ?? []).map(compileWorkload)
  return {
    allow: new Set(rule.allow),
    repositories: parseRepositoryPattern(rule.repositories),
    isMeantFor: (subject) =>
      rule.anonymous === true ||
      (subject.kind === 'user' && (rule.authenticated === true || users.has(subject.name))) ||
      workloads.some((isMeant) => isMeant(subject)),
  }
}

/** A misspelt group or issuer must not pass for one that has no members. */
function checkNames(rule: AccessRule, index: number, access: AccessOptions): void {
  const cannot = `Cannot use rule ${index + 1} (${rule.repositories}): `
  const group = rule.groups?.find((name) => membersOf(access, name) === undefined)
  if (group !== undefined)
    throw new AccessConfigurationError(`${cannot}there is no group ${JSON.stringify(group)}`)

  const isConfigured = (url: string): boolean => access.issuers?.some((issuer) => issuer.url === url) === true
  const stranger = rule.workloads?.find(({ issuer }) => !isConfigured(issuer))
  if (stranger !== undefined) {
    throw new AccessConfigurationError(`${cannot}${JSON.stringify(stranger.issuer)} is not among the issuers`)
  }
  const boundless = rule.workloads?.find(({ claims }) => Object.keys(claims).length === 0)
  if (boundless !== undefined) {
    throw new AccessConfigurationError(
      `${cannot}a workload without claims is everybody of ${boundless.issuer}`,
      {
        hint: "Name what its tokens claim, for example sub: 'repo:my-organization/*'.",
      },
    )
  }
  const someone = [rule.users, rule.groups, rule.workloads].some(
    (list) => list !== undefined && list.length > 0,
  )
  if (!someone && rule.anonymous !== true && rule.authenticated !== true) {
    throw new AccessConfigurationError(`${cannot}it is for nobody`, {
      hint: 'Name users, groups or workloads, or say anonymous: true or authenticated: true.',
    })
  }
}

function membersOf(access: AccessOptions, group: string): readonly string[] | undefined {
  const { groups = {} } = access
  return Object.hasOwn(groups, group) ? groups[group] : undefined
}

/** All claims must be there and match; of a claim that is a list, one value. */
function compileWorkload(match: WorkloadMatch): (subject: Subject) => boolean {
  const claims = Object.entries(match.claims).map(([name, text]) => ({
    name,
    means: parseClaimPattern(text),
  }))
  return (subject) =>
    subject.kind === 'workload' &&
    subject.issuer === match.issuer &&
    claims.every(
      ({ name, means }) => Object.hasOwn(subject.claims, name) && subject.claims[name]?.some(means),
    )
}

function workloadsOf(rules: readonly AccessRule[], issuer: string): readonly WorkloadMatch[] {
  return rules.flatMap((rule) => rule.workloads ?? []).filter((match) => match.issuer === issuer)
}
