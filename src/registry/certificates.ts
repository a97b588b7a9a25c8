import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LadingError } from '../errors/index.ts'
import type { HostTransport } from '../http/index.ts'

/** Where certificates of hosts are. */
export interface CertificateOptions {
  /** Directories with one directory a host in them; the first that has the host counts. */
  readonly directories: readonly string[]
  /** Files with authorities, PEM, from the configuration. */
  readonly caFiles: readonly string[]
}

/** A file with certificates or a key is not there, or not what it must be. */
export class CertificateFileError extends LadingError<'CERTIFICATE_FILE'> {
  constructor(
    path: string,
    problem: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super('CERTIFICATE_FILE', `Cannot use ${path}: ${problem}`, options)
  }
}

/**
 * Reads a host's certificates as docker and podman lay them down: `<directory>/<host[:port]>/` with authorities in
 * `*.crt` and client certificates in `*.cert`, each with its key in a `*.key` of the same name.
 *
 * @param hosts Names to look for, in this order: `registry-1.docker.io`, `docker.io`.
 * @throws {CertificateFileError} a file that is named or needed cannot be read, or is not PEM.
 */
export async function readCertificates(
  hosts: readonly string[],
  options: CertificateOptions,
): Promise<Pick<HostTransport, 'ca' | 'certificate'>> {
  const configured = await Promise.all(options.caFiles.map((path) => readPem(path, 'CERTIFICATE')))
  const found = await hostDirectory(hosts, options.directories)
  if (found === undefined) return configured.length === 0 ? {} : { ca: configured }

  const { directory, names } = found
  const authorities = names.filter((name) => name.endsWith('.crt'))
  const ca = await Promise.all(authorities.map((name) => readPem(join(directory, name), 'CERTIFICATE')))
  const certificate = await clientCertificate(directory, names)
  return {
    ...(configured.length + ca.length === 0 ? {} : { ca: [...configured, ...ca] }),
    ...(certificate === undefined ? {} : { certificate }),
  }
}

async function clientCertificate(
  directory: string,
  names: readonly string[],
): Promise<HostTransport['certificate'] | undefined> {
  const name = names.find((one) => one.endsWith('.cert'))
  const orphan = names.find((one) => one.endsWith('.key') && !names.includes(one.replace(/key$/, 'cert')))
  if (orphan !== undefined) {
    throw new CertificateFileError(
      join(directory, orphan),
      'the client certificate that belongs to it is missing',
      {
        hint: `Put it there as ${orphan.replace(/key$/, 'cert')}; authorities end in .crt.`,
      },
    )
  }
  if (name === undefined) return undefined
  const keyName = name.replace(/cert$/, 'key')
  if (!names.includes(keyName)) {
    throw new CertificateFileError(join(directory, name), 'the key that belongs to it is missing', {
      hint: `Put it there as ${keyName}; authorities end in .crt.`,
    })
  }
  const cert = await readPem(join(directory, name), 'CERTIFICATE')
  const key = await readPem(join(directory, keyName), 'PRIVATE KEY')
  return { cert, key }
}

async function hostDirectory(
  hosts: readonly string[],
  directories: readonly string[],
): Promise<{ readonly directory: string; readonly names: readonly string[] } | undefined> {
  for (const parent of directories) {
    for (const host of hosts) {
      const directory = join(parent, host)
      try {
        const names = await readdir(directory)
        return { directory, names: names.toSorted() }
      } catch (error) {
        if (!isMissing(error))
          throw new CertificateFileError(directory, 'it cannot be read', { cause: error })
      }
    }
  }
  return undefined
}

async function readPem(path: string, kind: 'CERTIFICATE' | 'PRIVATE KEY'): Promise<string> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new CertificateFileError(path, isMissing(error) ? 'there is no such file' : 'it cannot be read', {
      cause: error,
    })
  }
  if (!new RegExp(`-----BEGIN [A-Z ]*${kind}-----`).test(text)) {
    throw new CertificateFileError(path, `there is no ${kind.toLowerCase()} in PEM form in it`)
  }
  return text
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
