import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { LadingError } from '../../errors/index.ts'
import { asFileError } from '../../files/index.ts'
import type { TlsFiles } from '../server-options.ts'

/** A certificate with those that lead to its authority, and its key, in PEM. */
export interface TlsPair {
  readonly certificate: string
  readonly key: string
  /** When the first certificate ends, milliseconds since the epoch. */
  readonly validUntil: number
}

/** A certificate and a key that cannot be used. */
export class TlsPairError extends LadingError<'TLS_PAIR'> {
  constructor(message: string, cause: unknown) {
    super('TLS_PAIR', message, {
      hint: 'Both are PEM files; the certificate stands first in its file, those that lead to its authority after it.',
      cause,
    })
  }
}

const largestFileBytes = 1024 * 1024

/**
 * Reads a certificate and its key, and checks that they belong together.
 *
 * @throws {TlsPairError} what is in the files is of no use
 * @throws {FileError} a file cannot be read
 */
export async function readTlsPair({ certificateFile, keyFile }: TlsFiles): Promise<TlsPair> {
  const certificate = await readBounded(certificateFile)
  const key = await readBounded(keyFile)
  try {
    createSecureContext({ cert: certificate, key })
    return { certificate, key, validUntil: Date.parse(new X509Certificate(certificate).validTo) }
  } catch (error) {
    throw new TlsPairError(`Cannot use ${certificateFile} with ${keyFile}: ${reasonOf(error, key)}`, error)
  }
}

function reasonOf(error: unknown, key: string): string {
  if (error instanceof Error && /key values mismatch/i.test(error.message))
    return 'the key belongs to another certificate'
  if (/BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(key))
    return 'the key wants a passphrase, and there is nobody to ask'
  return 'they are no certificate with its key'
}

async function readBounded(file: string): Promise<string> {
  try {
    if ((await stat(file)).size > largestFileBytes) {
      throw new TlsPairError(`Cannot use ${file}: it is larger than 1 MiB`, undefined)
    }
    return await readFile(file, 'utf8')
  } catch (error) {
    throw asFileError(`read ${file}`, error)
  }
}
