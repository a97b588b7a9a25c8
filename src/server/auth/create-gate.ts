import type { Logger } from 'pino'
import type { Transport } from '../../http/index.ts'
import type { AccessOptions } from '../server-options.ts'
import type { RecordStore } from '../storage/records/record-store.ts'
import { AccessConfigurationError } from './access-configuration-error.ts'
import { createAuthenticator } from './authenticator.ts'
import type { Decision } from './decision.ts'
import { openHtpasswdFile } from './htpasswd-file.ts'
import { openGate } from './open-gate.ts'
import { openWorkloads } from './open-workloads.ts'
import { createOwnTokens } from './own-tokens.ts'
import { createPasswordChecker } from './password-checker.ts'
import { compilePermissions } from './permissions.ts'
import { createRuledGate } from './ruled-gate.ts'
import type { ServerGate } from './server-gate.ts'
import { createServiceAddress, type ServiceAddressOptions } from './service-address.ts'
import { createTokenKeys } from './token-keys.ts'

export type { ServerGate } from './server-gate.ts'

/** What a gate is made of; without `htpasswdFile`, `rules` and `issuers` it is open. */
export interface GateOptions extends AccessOptions, ServiceAddressOptions {
  /** Where the keys of tokens are kept, under `keys/tokens/`. */
  readonly records: RecordStore
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Fetches the documents of outside issuers. Default: one without proxies, of the gate's own. */
  readonly transport?: Transport | undefined
  /** Is told of files and issuers that cannot be read; never of a password or a token. */
  readonly log?: Pick<Logger, 'info' | 'warn' | 'error'> | undefined
  /** Called with each refusal and each token that is given; what is allowed without a token is not told. */
  readonly onDecision?: ((decision: Decision) => void) | undefined
}

/**
 * Makes the gate of a server: one for all processes' requests, closed with the server. Hand it `tls`, `behindTlsProxy`
 * and `externalUrl` as the server has them, for its challenges name the server's address; mount
 * {@link createTokenHandler} at `/token` unless the gate is open.
 *
 * @throws {AccessConfigurationError} or {FileError} when something of the options cannot be used.
 */
export async function createGate(options: GateOptions): Promise<ServerGate> {
  const { htpasswdFile, rules, issuers, records, now, transport, log, onDecision } = options
  if (htpasswdFile === undefined && rules === undefined && issuers === undefined) return openGate

  const lifetimeSeconds = checkLifetime(options.tokenLifetimeSeconds ?? 300)
  const permissions = compilePermissions(options)
  const addressFor = createServiceAddress(options)
  const workloads =
    issuers === undefined ? undefined : await openWorkloads(issuers, { permissions, transport, now, log })
  const passwords =
    htpasswdFile === undefined
      ? undefined
      : createPasswordChecker(await openHtpasswdFile(htpasswdFile, { now, log }), { now })
  const keys = createTokenKeys({ records, now, graceMilliseconds: lifetimeSeconds * 1000 })
  return createRuledGate({
    authenticator: createAuthenticator({ passwords, workloads, now }),
    permissions,
    tokens: createOwnTokens({ keys, now, lifetimeSeconds }),
    addressFor,
    now,
    onDecision,
  })
}

const minLifetimeSeconds = 10
const maxLifetimeSeconds = 24 * 60 * 60

function checkLifetime(seconds: number): number {
  if (Number.isInteger(seconds) && seconds >= minLifetimeSeconds && seconds <= maxLifetimeSeconds)
    return seconds
  throw new AccessConfigurationError(
    `Cannot make tokens that are good for ${seconds} seconds: ${minLifetimeSeconds} to ${maxLifetimeSeconds} are`,
  )
}
