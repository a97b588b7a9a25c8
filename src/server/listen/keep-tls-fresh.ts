import type { Server as SecureServer } from 'node:https'
import type { Logger } from 'pino'
import type { TlsFiles } from '../server-options.ts'
import { readTlsPair, type TlsPair } from './tls-pair.ts'

/** Options of {@link keepTlsFresh}. */
export interface KeepTlsFreshOptions {
  readonly files: TlsFiles
  /** What the servers speak with now. */
  readonly pair: TlsPair
  readonly log: Logger
  /** Time between two looks at the files, in milliseconds; they are a few hundred bytes. */
  readonly everyMs: number
}

/** Keeps servers on the newest certificate of their files. */
export interface TlsKeeper {
  /** Looks at the files at once. Gives true when a new pair is in use from now on. */
  check(): Promise<boolean>
  stop(): void
}

/**
 * Reads a certificate and its key again and again, and takes what is new for the connections to come. A pair that
 * cannot be used (often one file is written before the other) changes nothing, and is logged once.
 */
export function keepTlsFresh(servers: readonly SecureServer[], options: KeepTlsFreshOptions): TlsKeeper {
  const { files, log } = options
  let current = options.pair
  let complaint: string | undefined
  warnOfEnd(current, log)
  const timer = setInterval(() => void check(), options.everyMs)
  timer.unref()
  return { check, stop: () => clearInterval(timer) }

  async function check(): Promise<boolean> {
    let fresh: TlsPair
    try {
      fresh = await readTlsPair(files)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (message !== complaint)
        log.error({ err: error }, 'the certificate is not renewed: its files are of no use')
      complaint = message
      return false
    }
    complaint = undefined
    if (fresh.certificate === current.certificate && fresh.key === current.key) return false
    for (const server of servers) {
      server.setSecureContext({ cert: fresh.certificate, key: fresh.key, minVersion: 'TLSv1.2' })
    }
    current = fresh
    log.info({ validUntil: new Date(fresh.validUntil).toISOString() }, 'the certificate is renewed')
    warnOfEnd(fresh, log)
    return true
  }
}

/** One that has ended is used all the same, but no client that looks at it goes on. */
function warnOfEnd({ validUntil }: TlsPair, log: Logger): void {
  if (validUntil > Date.now()) return
  log.warn({ validUntil: new Date(validUntil).toISOString() }, 'the certificate has ended: clients refuse it')
}
