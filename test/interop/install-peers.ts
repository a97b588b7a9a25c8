import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type DebianPeer, findPeer, type GoPeer, type PeerName, peersFolder } from './peer.ts'
import { runProgram } from './run-program.ts'

/** What installing one peer came to. */
interface Outcome {
  readonly peer: PeerName
  readonly state: 'there' | 'installed' | 'skipped'
  readonly reason?: string
}

const debianPeers: readonly DebianPeer[] = [
  'docker-registry',
  'skopeo',
  'umoci',
  'podman',
  'wrk',
  'strace',
  'openssl',
]

const goPeers: readonly (readonly [name: GoPeer, module: string])[] = [
  ['crane', 'github.com/google/go-containerregistry/cmd/crane@v0.22.1'],
  ['regctl', 'github.com/regclient/regclient/cmd/regctl@v0.11.7'],
  ['oras', 'oras.land/oras/cmd/oras@v1.3.0'],
  ['registry', 'github.com/distribution/distribution/v3/cmd/registry@v3.1.2'],
  ['cosign', 'github.com/sigstore/cosign/v3/cmd/cosign@v3.0.2'],
  // No release has the suite as a program; this commit of the main branch does.
  [
    'conformance',
    'github.com/opencontainers/distribution-spec/conformance@4fc4ecbefaaa6e4e1682f59f5ac445d076cf642d',
  ],
]

/**
 * Installs the peers that are missing: Debian's by apt-get, Go's into {@link peersFolder} at fixed versions. A peer
 * that cannot be had is named as skipped and fails nothing: its tests are skipped as well.
 */
async function installPeers(): Promise<void> {
  for (const outcome of [...(await installDebianPeers()), ...(await installGoPeers())]) {
    console.log(
      `${outcome.peer}: ${outcome.state}${outcome.reason === undefined ? '' : ` (${outcome.reason})`}`,
    )
  }
}

async function installDebianPeers(): Promise<readonly Outcome[]> {
  const missing = debianPeers.filter((each) => findPeer(each) === undefined)
  const reason = missing.length === 0 ? undefined : await aptGetInstall(missing)
  return debianPeers.map((each) => {
    if (!missing.includes(each)) return { peer: each, state: 'there' }
    if (findPeer(each) !== undefined) return { peer: each, state: 'installed' }
    return { peer: each, state: 'skipped', reason: reason ?? 'not in the packages' }
  })
}

/** Gives the reason why nothing was installed; undefined when apt-get said that it was. */
async function aptGetInstall(packages: readonly string[]): Promise<string | undefined> {
  const aptGet = findPeer('apt-get')
  if (aptGet === undefined) return 'there is no apt-get'
  if (process.getuid?.() !== 0) return `needs root: apt-get install ${packages.join(' ')}`
  const environment = { DEBIAN_FRONTEND: 'noninteractive' }
  for (const words of [
    ['update', '-q'],
    ['install', '-q', '-y', '--no-install-recommends', ...packages],
  ]) {
    const { code, stderr } = await runProgram(aptGet, words, { environment, seconds: 600 })
    if (code !== 0) return `apt-get ${words[0]}: ${lastLine(stderr)}`
  }
  return undefined
}

async function installGoPeers(): Promise<readonly Outcome[]> {
  const go = findPeer('go')
  await mkdir(peersFolder, { recursive: true })
  const outcomes: Outcome[] = []
  for (const [name, module] of goPeers) {
    if (findPeer(name) !== undefined) outcomes.push({ peer: name, state: 'there' })
    else if (go === undefined) outcomes.push({ peer: name, state: 'skipped', reason: 'there is no go' })
    else outcomes.push(await goInstall(go, name, module))
  }
  return outcomes
}

async function goInstall(go: string, name: GoPeer, module: string): Promise<Outcome> {
  const { code, stderr } = await runProgram(go, ['install', module], {
    environment: { GOBIN: peersFolder, GOFLAGS: '-trimpath', CGO_ENABLED: '0' },
    directory: dirname(peersFolder),
    seconds: 900,
  })
  if (code === 0) return { peer: name, state: 'installed' }
  return {
    peer: name,
    state: 'skipped',
    reason: code === null ? 'took too long' : `go install: ${lastWords(stderr)}`,
  }
}

/** What a Go error ends with; what stands before it says again which module it was. */
function lastWords(text: string): string {
  return lastLine(text).split(': ').at(-1) ?? ''
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}

await installPeers()
