import { open, rm } from 'node:fs/promises'
import { UsageError } from '../../errors/index.ts'
import { asFileError } from '../../files/index.ts'
import { generateKeyPair } from '../../signing/index.ts'
import { askSecret, canAsk } from '../ask.ts'
import type { CliContext } from '../context.ts'
import type { TrustVerbFlags } from './trust-flags.ts'

/** Writes a new pair of keys, `PREFIX.key` (encrypted, for its owner's eyes) and `PREFIX.pub`; none that is there is replaced. */
export async function generateKey(context: CliContext, flags: TrustVerbFlags): Promise<void> {
  const { output, signal } = context
  const prefix = flags.outputKeyPrefix ?? 'lading'
  const privateKey = `${prefix}.key`
  const publicKey = `${prefix}.pub`
  const pair = await generateKeyPair({ password: await newPassword(context) })
  signal.throwIfAborted()
  await writeNew(privateKey, pair.privateKeyPem, 0o600)
  try {
    await writeNew(publicKey, pair.publicKeyPem, 0o644)
  } catch (error) {
    await rm(privateKey, { force: true })
    throw error
  }
  if (flags.json === true) output.json({ privateKey, publicKey })
  else output.line(`wrote ${privateKey} (keep it) and ${publicKey} (give it to those who verify)`)
}

async function newPassword(context: CliContext): Promise<string> {
  const { environment } = context
  const given = environment['LADING_KEY_PASSWORD'] ?? environment['COSIGN_PASSWORD']
  if (given !== undefined) return given
  if (!canAsk(context))
    throw new UsageError('Cannot make a key: there is no terminal to ask for its password', {
      hint: 'Set LADING_KEY_PASSWORD (or COSIGN_PASSWORD).',
    })
  const password = await askSecret(context, 'Password of the new key')
  if (password !== (await askSecret(context, 'The same again')))
    throw new UsageError('Cannot make a key: the two passwords differ')
  return password
}

/** Made by nobody else before, and by us with its permissions from the first byte on. */
async function writeNew(path: string, text: string, mode: number): Promise<void> {
  try {
    await using file = await open(path, 'wx', mode)
    await file.writeFile(text)
    await file.sync()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw new UsageError(`Cannot write ${path}: it is there already, and signatures may depend on it`, {
        hint: '--output-key-prefix with another name',
      })
    throw asFileError(`write ${path}`, error)
  }
}
