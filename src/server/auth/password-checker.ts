import { hash as digestOnce, randomBytes } from 'node:crypto'
import type { OperationOptions } from '../../content/index.ts'
import { ProtocolError } from '../protocol-error.ts'
import { type BcryptThread, createBcryptThread } from './bcrypt-thread.ts'
import { ExpiringMap } from './expiring-map.ts'
import type { HtpasswdFile } from './htpasswd-file.ts'
import { costOf, type PasswordHashes } from './parse-htpasswd.ts'
import { Turns } from './turns.ts'
import { WorkInFlight } from './work-in-flight.ts'

/** Says whether passwords are right. */
export interface PasswordChecker {
  /**
   * Says whether the user is in the file and this is the password; both noes take equally long. Verdicts are remembered
   * for a while under a keyed hash: a right one five minutes, a wrong one half a minute, neither longer than the file
   * stays as it is.
   *
   * @param client Whom it counts for that there is a question: floods of one client delay no other.
   * @throws {ProtocolError} TOOMANYREQUESTS or UNAVAILABLE when too many questions wait.
   */
  isRight(user: string, password: string, client: string, options?: OperationOptions): Promise<boolean>
  /** Whether the user is in the file. */
  isKnown(user: string): Promise<boolean>
  close(): Promise<void>
}

/** Options of {@link createPasswordChecker}. */
export interface PasswordCheckerOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** How passwords are compared. Default: in a thread of its own. */
  readonly bcrypt?: BcryptThread | undefined
}

/** Checks passwords by the hashes of a htpasswd file. */
export function createPasswordChecker(file: HtpasswdFile, options: PasswordCheckerOptions): PasswordChecker {
  const { now, bcrypt = createBcryptThread() } = options
  const nameOf = createKeyedHash()
  const turns = new Turns({ atOnce: 1, waiting: 256, waitingPerClient: 16 })
  let book: VerdictBook | undefined

  async function compare(
    user: string,
    password: string,
    client: string,
    { hashes, decoy }: VerdictBook,
  ): Promise<boolean> {
    const hash = hashes.get(user)
    const outcome = await turns.run(client, () => bcrypt.compare(password, hash ?? decoy))
    if (typeof outcome === 'object') return outcome.result && hash !== undefined
    throw outcome === 'client-waits-too-often'
      ? new ProtocolError(
          'TOOMANYREQUESTS',
          'too many passwords of this client wait to be checked',
          retryLater,
        )
      : new ProtocolError('UNAVAILABLE', 'too many passwords wait to be checked', retryLater)
  }

  return {
    async isRight(user, password, client, { signal } = {}) {
      signal?.throwIfAborted()
      const hashes = await file.current()
      if (book?.hashes !== hashes) book = openBook(hashes, now)
      const { right, wrong, questions } = book
      // A user's name holds no colon, so no two pairs make one text.
      const pair = nameOf(`${user}:${password}`)
      if (right.get(pair) === true) return true
      if (wrong.get(pair) === true) return false

      const asked = book
      const question = async (): Promise<boolean> => {
        const verdict = await compare(user, password, client, asked)
        if (verdict) right.set(pair, true, now() + rightVerdictLifetime)
        else wrong.set(pair, true, now() + wrongVerdictLifetime)
        return verdict
      }
      return questions.run(pair, question, signal)
    },
    isKnown: async (user) => (await file.current()).has(user),
    close: () => bcrypt.close(),
  }
}

/**
 * A hash by two keys that this process alone has, an inner and an outer one, as HMAC (RFC 2104) is built: who reads a
 * name learns no password by trying. Two calls of `crypto.hash` take a twentieth of the time of `createHmac`.
 */
function createKeyedHash(): (text: string) => string {
  const [inner, outer] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')]
  return (text) => digestOnce('sha256', outer + digestOnce('sha256', inner + text), 'base64')
}

/** What came out for one state of the file. */
interface VerdictBook {
  readonly hashes: PasswordHashes
  /** What a stranger's password is compared with, so that it takes as long: a hash of the file's highest cost. */
  readonly decoy: string
  /** Apart from the wrong ones, so that a flood of those does not make it forgotten. */
  readonly right: ExpiringMap<true>
  readonly wrong: ExpiringMap<true>
  readonly questions: WorkInFlight<boolean>
}

function openBook(hashes: PasswordHashes, now: () => number): VerdictBook {
  const cost = [...hashes.values()].reduce((highest, hash) => Math.max(highest, costOf(hash)), minDecoyCost)
  return {
    hashes,
    decoy: `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`,
    right: new ExpiringMap(maxVerdicts, now),
    wrong: new ExpiringMap(maxVerdicts, now),
    questions: new WorkInFlight(),
  }
}

const minDecoyCost = 4
const maxVerdicts = 10_000
const rightVerdictLifetime = 5 * 60_000
const wrongVerdictLifetime = 30_000
const retryLater = { headers: { 'Retry-After': '5' } }
