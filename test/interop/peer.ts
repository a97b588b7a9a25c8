import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Another program that tests and benchmarks run Lading against; nobody installs the docker client for that. */
export type PeerName = DebianPeer | GoPeer | 'docker'

/** Peers that are packages of Debian, under the names of their packages. */
export type DebianPeer = 'docker-registry' | 'skopeo' | 'umoci' | 'podman' | 'wrk' | 'strace' | 'openssl'

/** Peers that are built from Go modules; `registry` is CNCF distribution, `conformance` the specification's suite. */
export type GoPeer = 'crane' | 'regctl' | 'oras' | 'registry' | 'cosign' | 'conformance'

/** Where `npm run peers` puts what it builds: `$LADING_PEERS_DIR`, or a folder of the user's cache. */
export const peersFolder: string =
  process.env['LADING_PEERS_DIR'] ?? join(homedir(), '.cache', 'lading-peers', 'bin')

/** The path of a peer, from {@link peersFolder} or PATH; undefined when this machine does not have it. */
export function findPeer(name: string): string | undefined {
  const folders = [peersFolder, ...(process.env['PATH'] ?? '').split(delimiter)]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/**
 * The path of a peer.
 *
 * @throws {Error} when it is missing; tests ask {@link lacks} first.
 */
export function peer(name: PeerName): string {
  const path = findPeer(name)
  if (path === undefined) throw new Error(`${name} is missing: npm run peers`)
  return path
}

/** Whether one of the peers is missing: for `test.skipIf`. */
export function lacks(...names: readonly PeerName[]): boolean {
  return names.some((name) => findPeer(name) === undefined)
}

/** What the title of a test ends with that is skipped because peers are missing; nothing when all are there. */
export function because(...names: readonly PeerName[]): string {
  const missing = names.filter((name) => findPeer(name) === undefined)
  return missing.length === 0 ? '' : ` (skipped: no ${missing.join(', ')})`
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
