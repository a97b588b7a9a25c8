import { type ProtocolClient, protocolClient, type ProtocolTarget } from './protocol-client.ts'

/** What a check works with: a client, and repositories that nobody else touches. */
export interface ProtocolSession {
  readonly client: ProtocolClient
  readonly repository: string
  /** Another one, for mounts. */
  readonly otherRepository: string
}

/** One thing that the distribution specification asks of a registry. */
export interface ProtocolCheck {
  /** `blob push: in one POST (sha512)`. */
  readonly name: string
  /** Rejects, saying what was asked and what was answered, when the registry does otherwise. */
  run(session: ProtocolSession): Promise<void>
}

/** A check that failed. */
export interface ProtocolFailure {
  readonly name: string
  readonly reason: string
}

/** Names a check. */
export function check(name: string, run: (session: ProtocolSession) => Promise<void>): ProtocolCheck {
  return { name, run }
}

/** Runs checks one after the other, each in repositories of its own, and gives those that failed. */
export async function runChecks(
  target: ProtocolTarget,
  checks: readonly ProtocolCheck[],
): Promise<readonly ProtocolFailure[]> {
  const client = protocolClient(target)
  const failures: ProtocolFailure[] = []
  try {
    for (const each of checks) {
      try {
        await runCheck(client, each)
      } catch (error) {
        failures.push({ name: each.name, reason: error instanceof Error ? error.message : String(error) })
      }
    }
  } finally {
    client.close()
  }
  return failures
}

/** Runs one check in repositories of its own; rejects when it fails. */
export function runCheck(client: ProtocolClient, each: ProtocolCheck): Promise<void> {
  const repository = `protocol/${repositoryOf(each.name)}`
  return each.run({ client, repository, otherRepository: `${repository}/other` })
}

function repositoryOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}
