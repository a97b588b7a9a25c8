import { UsageError } from '../../errors/index.ts'
import { type BundleSigner, keySigner } from '../../signing/index.ts'
import { askSecret, canAsk } from '../ask.ts'
import type { CliContext } from '../context.ts'
import { readInput } from '../read-input.ts'
import { safeText } from '../render/safe-text.ts'

const largestKey = 128 * 1024

/** The signer by a key's file; of a sealed one the password is asked for. @throws {SigningKeyError} it cannot be used. */
export async function openKey(context: CliContext, key: string): Promise<BundleSigner> {
  const pem = (await readInput(context, key, largestKey)).toString('utf8')
  const password = (): Promise<string> => passwordOf(context, key)
  return keySigner({ pem, name: key, password }, { signal: context.signal })
}

/** Never of the command line, which everybody on the machine can read. An empty one is one, as cosign has it. */
async function passwordOf(context: CliContext, key: string): Promise<string> {
  const { environment } = context
  const given = environment['LADING_KEY_PASSWORD'] ?? environment['COSIGN_PASSWORD']
  if (given !== undefined) return given
  if (canAsk(context)) return askSecret(context, `Password of ${safeText(key)}`)
  throw new UsageError(
    `Cannot sign with ${key}: it is encrypted, and there is no terminal to ask for the password`,
    {
      hint: 'Set LADING_KEY_PASSWORD (or COSIGN_PASSWORD).',
    },
  )
}
