import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findPeer } from '../../test/interop/peer.ts'
import { ladingPath } from '../../test/interop/run-lading.ts'
import { freePort } from './free-port.ts'
import { type RegistryProcess, startRegistry } from './registry-process.ts'

/** The registries that are compared, Lading first. */
export interface Contestants extends AsyncDisposable {
  readonly lading: RegistryProcess
  readonly peers: readonly RegistryProcess[]
}

/** Starts Lading and every peer that this machine has, each on an empty store of its own in `folder`. */
export async function startContestants(folder: string, say: (text: string) => void): Promise<Contestants> {
  const stack = new AsyncDisposableStack()
  try {
    const lading = stack.use(await startLading(folder))
    const peers: RegistryProcess[] = []
    for (const { name, program } of distributions) {
      const path = findPeer(program)
      if (path === undefined) say(`${name} is missing: npm run peers`)
      else peers.push(stack.use(await startDistribution(name, path, folder, say)))
    }
    const all = stack.move()
    return { lading, peers, [Symbol.asyncDispose]: () => all.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

const distributions = [
  { name: 'distribution 3', program: 'registry' },
  { name: 'docker-registry 2.8', program: 'docker-registry' },
] as const

async function startLading(folder: string): Promise<RegistryProcess> {
  const host = `127.0.0.1:${await freePort()}`
  const data = join(folder, 'lading')
  return startRegistry({
    name: 'Lading',
    command: process.execPath,
    args: [ladingPath, 'serve', '--data', data, '--listen', host],
    host,
    data,
    logFile: join(folder, 'lading.log'),
  })
}

async function startDistribution(
  name: string,
  path: string,
  folder: string,
  say: (text: string) => void,
): Promise<RegistryProcess> {
  const host = `127.0.0.1:${await freePort()}`
  const own = join(folder, name.replace(' ', '-'))
  const data = join(own, 'storage')
  await mkdir(own, { recursive: true })
  const configuration = {
    version: '0.1',
    log: { level: 'info', formatter: 'json', accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: data }, delete: { enabled: true } },
    http: { addr: host },
  }
  // YAML 1.2 reads JSON.
  const file = join(own, 'config.json')
  await writeFile(file, JSON.stringify(configuration))
  say(`${name}: ${JSON.stringify(configuration)}`)
  return startRegistry({
    name,
    command: path,
    args: ['serve', file],
    host,
    data,
    logFile: join(own, 'log'),
  })
}
