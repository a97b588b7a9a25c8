import { AccessConfigurationError } from './access-configuration-error.ts'

/** bcrypt hashes by user. */
export type PasswordHashes = ReadonlyMap<string, string>

/**
 * Reads the text of a htpasswd file: `user:hash` a line, empty lines and lines that begin with `#` apart. Only bcrypt is
 * taken (`$2a$`, `$2b$`, `$2y$`), at a cost of at most 14, which takes a second or so to check.
 *
 * @param file how messages name the file.
 * @throws {AccessConfigurationError} with the number of the line; it never repeats what stands in it.
 */
export function parseHtpasswd(text: string, file: string): PasswordHashes {
  const hashes = new Map<string, string>()
  for (const [index, line] of text.split('\n').entries()) {
    const entry = line.replace(/\r$/, '')
    if (entry.trim() === '' || entry.startsWith('#')) continue
    const colon = entry.indexOf(':')
    const user = entry.slice(0, colon)
    const hash = entry.slice(colon + 1)
    const fault = colon < 0 ? 'it is no entry: user:hash is' : faultOf(user, hash, hashes)
    if (fault !== undefined) {
      throw new AccessConfigurationError(
        `Cannot read the passwords in ${file}: line ${index + 1}: ${fault}`,
        {
          hint: `Write entries with: htpasswd -B ${file} USER`,
        },
      )
    }
    hashes.set(user, hash)
  }
  return hashes
}

/** The cost of a bcrypt hash: the binary logarithm of its rounds. */
export function costOf(hash: string): number {
  return Number(hash.slice(4, 6))
}

const maxCost = 14

const bcryptGrammar = /^\$2[aby]\$(?:0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}$/

function faultOf(user: string, hash: string, known: PasswordHashes): string | undefined {
  if (user === '') return 'the user has no name'
  if (known.has(user)) return 'the user stands there twice'
  if (!bcryptGrammar.test(hash)) return 'the password is not hashed with bcrypt'
  return costOf(hash) > maxCost ? `its bcrypt cost is over ${maxCost}` : undefined
}
