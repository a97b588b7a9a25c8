import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ServeProcess, startServe } from '../fixtures/serve-process.ts'
import { ladingPath } from './run-lading.ts'

const tlsFolder = join(import.meta.dirname, '..', 'fixtures', 'tls')

/** The authority that signed the certificate of {@link startGuarded}. */
export const authorityFile: string = join(tlsFolder, 'ca.crt')

/** Who may do everything at {@link startGuarded}. */
export const guardedUser = { name: 'captain', password: 'open sesame' } as const

/** Made by `perl -e 'print crypt("open sesame", "\$2y\$05\$abcdefghijklmnopqrstuu")'`. */
const passwordFile = `${guardedUser.name}:$2y$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n`

const command = [process.execPath, ladingPath]

/** Starts the built `lading serve`, open and without TLS. */
export function startOpen(): Promise<ServeProcess> {
  return startServe({ command, seconds: 600 })
}

/** Starts the built `lading serve` with TLS and a password; `folder` takes the file of users. */
export async function startGuarded(folder: string): Promise<ServeProcess> {
  const users = join(folder, 'users')
  await writeFile(users, passwordFile)
  const [certificate, key] = [join(tlsFolder, 'server.crt'), join(tlsFolder, 'server.key')]
  const args = ['--tls-cert', certificate, '--tls-key', key, '--htpasswd', users]
  return startServe({ command, args, seconds: 600 })
}
