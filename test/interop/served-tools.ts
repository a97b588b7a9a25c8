import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peer } from './peer.ts'
import { ladingPath } from './run-lading.ts'
import { mustRun } from './run-program.ts'
import { authorityFile, guardedUser, startGuarded, startOpen } from './served.ts'

/** A tool, run to its end, which has to be a success; gives its standard output without the last line break. */
type RunTool = (...words: readonly string[]) => Promise<string>

/** A running `lading serve` and other people's tools, each set up for it: with its password and its authority. */
export interface ServedTools extends AsyncDisposable {
  readonly host: string
  /** For whatever a test writes. */
  readonly folder: string
  readonly skopeo: RunTool
  readonly podman: RunTool
  readonly crane: RunTool
  readonly regctl: RunTool
  /** The client alone: there is no engine. */
  readonly docker: RunTool
  readonly lading: RunTool
  /** Flags of `skopeo copy` that say how to speak to the server, as source or destination. */
  readonly skopeoFlags: Readonly<Record<'src' | 'dest', readonly string[]>>
  /** Flags of podman's and skopeo's other verbs. */
  readonly containersFlags: readonly string[]
}

/** Starts the server and sets the tools up; nothing of the user's own configuration is seen by them. */
export async function startServedTools(kind: 'open' | 'guarded'): Promise<ServedTools> {
  const folder = await mkdtemp(join(tmpdir(), 'lading-served-'))
  try {
    const guarded = kind === 'guarded'
    const server = guarded ? await startGuarded(folder) : await startOpen()
    const { host } = server
    const certificates = join(folder, 'certificates')
    const home = join(folder, 'home')
    await mkdir(certificates)
    await copyFile(authorityFile, join(certificates, 'ca.crt'))
    await writeToolSettings(home, host, guarded)
    const environment = {
      HOME: home,
      XDG_CONFIG_HOME: undefined,
      XDG_RUNTIME_DIR: undefined,
      DOCKER_CONFIG: join(home, '.docker'),
      REGISTRY_AUTH_FILE: join(home, '.docker', 'config.json'),
      REGCTL_CONFIG: join(home, 'regctl.json'),
      SSL_CERT_FILE: authorityFile,
      LADING_CACHE_DIR: undefined,
    }
    const tool =
      (path: () => string, first: readonly string[] = []): RunTool =>
      async (...words) =>
        (await mustRun(path(), [...first, ...words], { environment, directory: folder })).trimEnd()
    const speaks = (side: string): readonly string[] =>
      guarded ? [`--${side}cert-dir=${certificates}`] : [`--${side}tls-verify=false`]
    const store = ['--root', join(folder, 'podman'), '--runroot', join(folder, 'podman-run')]
    const storage = ['--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs', '--events-backend', 'none']
    const trusted = guarded ? ['--ca-file', authorityFile] : []
    return {
      host,
      folder,
      skopeo: tool(() => peer('skopeo'), ['--insecure-policy']),
      podman: tool(() => peer('podman'), [...store, ...storage]),
      crane: tool(() => peer('crane')),
      regctl: tool(() => peer('regctl')),
      docker: tool(() => peer('docker')),
      lading: async (verb = '', ...words) =>
        tool(() => process.execPath, [ladingPath])(verb, ...trusted, ...words),
      skopeoFlags: { src: speaks('src-'), dest: speaks('dest-') },
      containersFlags: speaks(''),
      [Symbol.asyncDispose]: async () => {
        await server.stop()
        await rm(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function writeToolSettings(home: string, host: string, guarded: boolean): Promise<void> {
  const { name, password } = guardedUser
  const auth = Buffer.from(`${name}:${password}`).toString('base64')
  const policy = { default: [{ type: 'insecureAcceptAnything' }] }
  await mkdir(join(home, '.docker'), { recursive: true })
  await mkdir(join(home, '.config', 'containers'), { recursive: true })
  await writeFile(join(home, '.config', 'containers', 'policy.json'), JSON.stringify(policy))
  await writeFile(
    join(home, '.docker', 'config.json'),
    JSON.stringify({ auths: guarded ? { [host]: { auth } } : {} }),
  )
  const login = guarded ? { user: name, pass: password, tls: 'enabled' } : { tls: 'disabled' }
  await writeFile(
    join(home, 'regctl.json'),
    JSON.stringify({ hosts: { [host]: { ...login, hostname: host } } }),
  )
}
