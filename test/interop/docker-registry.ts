import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { peer } from './peer.ts'

/** A running registry. */
export interface DockerRegistry extends AsyncDisposable {
  /** `127.0.0.1:<port>`. */
  readonly host: string
  /** Ends it and removes what it stored. */
  stop(): Promise<void>
}

/** Options of {@link startDockerRegistry}. */
export interface DockerRegistryOptions {
  /** Asks for {@link registryUser} and {@link registryPassword}; default false. */
  readonly password?: boolean
  /** Ends by itself after this many seconds; default 600. */
  readonly seconds?: number
}

export const registryUser = 'captain'
export const registryPassword = 'open sesame'

/** Made by `perl -e 'print crypt("open sesame", "\$2y\$05\$abcdefghijklmnopqrstuu")'`; the registry takes only bcrypt. */
const passwordFile = `${registryUser}:$2y$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n`

/** Starts Debian's `docker-registry` (distribution) on a free port of the loopback, with storage of its own. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'lading-registry-'))
  const configuration = join(folder, 'config.json')
  await writeFile(join(folder, 'htpasswd'), passwordFile)
  await writeFile(configuration, JSON.stringify(registryConfiguration(folder, options)))
  const child = spawn(peer('docker-registry'), ['serve', configuration], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: (options.seconds ?? 600) * 1000,
    killSignal: 'SIGKILL',
  })
  const stop = async (): Promise<void> => {
    await end(child)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const host = await listeningHost(child.stderr)
    return { host, stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** YAML 1.2 reads JSON. */
function registryConfiguration(folder: string, options: DockerRegistryOptions): unknown {
  return {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'storage') }, delete: { enabled: true } },
    http: { addr: '127.0.0.1:0' },
    ...(options.password === true
      ? { auth: { htpasswd: { realm: 'interop', path: join(folder, 'htpasswd') } } }
      : {}),
  }
}

/** The address that the registry says it listens on; its log is read to the end, so that it never waits for a reader. */
function listeningHost(log: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    let host: string | undefined
    log.setEncoding('utf8').on('data', (text: string) => {
      if (host !== undefined) return
      said += text
      host = /listening on (127\.0\.0\.1:\d+)/.exec(said)?.[1]
      if (host !== undefined) resolve(host)
    })
    log.once('close', () => reject(new Error(`docker-registry did not start:\n${said}`)))
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
