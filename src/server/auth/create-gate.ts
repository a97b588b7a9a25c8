import type { Logger } from 'pino'
import type { AccessOptions } from '../server-options.ts'
import type { RecordStore } from '../storage/records/record-store.ts'
import type { Transport } from '../../http/index.ts'
import { ProtocolError } from '../protocol-error.ts'
import { type ChallengeError, unauthorized } from './challenge.ts'
import type { Credentials, Gate, Wanted } from './gate.ts'
import { openHtpasswdFile } from './htpasswd-file.ts'
import { everybody, identityOf } from './identity.ts'
import { parseAuthorization } from './parse-authorization.ts'
import { createPasswordChecker } from './password-checker.ts'
import { compilePermissions } from './permissions.ts'
import { createServiceAddress, type ServiceAddressOptions } from './service-address.ts'
import { anonymous } from './subject.ts'

/** What a gate is made of; without `htpasswdFile`, `rules` and `issuers` it is open. */
export interface GateOptions extends AccessOptions, ServiceAddressOptions {
  /** Where the keys of tokens are. */
  readonly records: RecordStore
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Fetches the documents of outside issuers. */
  readonly transport?: Transport | undefined
  /** Is told of files and keys; never of a password or a token. */
  readonly log?: Pick<Logger, 'info' | 'warn' | 'error'> | undefined
}

/** A gate that has threads and files to let go of. */
export interface ServerGate extends Gate {
  close(): Promise<void>
}

/**
 * Makes the gate of a server. Hand it `tls`, `behindTlsProxy` and `externalUrl` as the server has them: its challenges
 * name its address.
 *
 * @throws {AccessConfigurationError} or {FileError} when something of the options cannot be used.
 */
export async function createGate(options: GateOptions): Promise<ServerGate> {
  if (isOpen(options)) return openGate
  const { htpasswdFile, now, log } = options
  const permissions = compilePermissions(options)
  const addressFor = createServiceAddress(options)
  const passwords =
    htpasswdFile === undefined
      ? undefined
      : createPasswordChecker(await openHtpasswdFile(htpasswdFile, { now, log }), { now })
  const nobody = identityOf(anonymous, permissions)

  function challenge(
    message: string,
    { headers, wanted }: Credentials,
    error?: ChallengeError,
  ): ProtocolError {
    return unauthorized(message, addressFor(headers), wanted ?? [], error)
  }

  return {
    isOpen: false,
    async identify(credentials, { signal } = {}) {
      signal?.throwIfAborted()
      const shown = parseAuthorization(credentials.headers.authorization)
      if (shown.scheme === 'none') return nobody
      if (shown.scheme === 'basic') {
        const { user, password } = shown
        if (await passwords?.isRight(user, password, credentials.remoteAddress, { signal })) {
          return identityOf({ kind: 'user', name: user }, permissions)
        }
        throw challenge('the user or the password is wrong', credentials)
      }
      throw challenge('nobody is known by these credentials', credentials, 'invalid_token')
    },
    refusal: (credentials, identity, wanted) =>
      identity.by === 'anonymous'
        ? challenge('this needs somebody who is known', { ...credentials, wanted })
        : new ProtocolError('DENIED', `not allowed: ${wantedText(wanted)}`),
    async close() {
      await passwords?.close()
    },
  }
}

function isOpen({ htpasswdFile, rules, issuers }: AccessOptions): boolean {
  return htpasswdFile === undefined && rules === undefined && issuers === undefined
}

const openGate: ServerGate = {
  isOpen: true,
  identify: async () => everybody,
  refusal: () => new ProtocolError('DENIED', 'this is not allowed'),
  close: async () => {},
}

function wantedText(wanted: readonly Wanted[]): string {
  return wanted.map(({ action, repository }) => `${action} ${repository}`).join(', ')
}
