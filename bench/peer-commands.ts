import { ladingPath } from '../test/interop/run-lading.ts'
import { findPeer } from '../test/interop/peer.ts'

/** How one tool says what the benchmarks ask of each; arguments are registry references without a scheme. */
export interface Tool {
  readonly name: string
  /** Copies one image as it is, with every platform. */
  readonly copy: (from: string, to: string) => string
  /** As `copy`, with signatures and whatever else refers to the image; only where the tool can. */
  readonly copyWithReferrers?: (from: string, to: string) => string
  /** Copies every tag of a repository. */
  readonly copyTags: (from: string, to: string, tags: readonly string[]) => string
}

/**
 * Lading, as it is built, under the Node.js that runs the benchmark. It copies referrers unless told not to; the
 * others only when asked, so that the same work is compared without them.
 */
export const lading: Tool & { readonly run: (...words: readonly string[]) => string } = {
  name: 'Lading',
  run: (...words) => [process.execPath, ladingPath, ...words].join(' '),
  copy: (from, to) => lading.run('copy', '--no-referrers', from, to),
  copyWithReferrers: (from, to) => lading.run('copy', from, to),
  copyTags: (from, to) => lading.run('copy', '--no-referrers', '--all-tags', from, to),
}

const peers: Readonly<Record<string, (path: string) => Tool>> = {
  crane: (path) => ({
    name: 'crane',
    copy: (from, to) => `${path} copy --insecure ${from} ${to}`,
    copyTags: (from, to) => `${path} copy --insecure --all-tags ${from} ${to}`,
  }),
  regctl: (path) => ({
    name: 'regctl',
    copy: (from, to) => `${path} ${plainHttp(from, to)} image copy ${from} ${to}`,
    copyWithReferrers: (from, to) =>
      `${path} ${plainHttp(from, to)} image copy --referrers --digest-tags ${from} ${to}`,
    // It knows one image at a time.
    copyTags: (from, to, tags) =>
      `for tag in ${tags.join(' ')}; do ${path} ${plainHttp(from, to)} image copy ${from}:$tag ${to}:$tag || exit; done`,
  }),
  skopeo: (path) => ({
    name: 'skopeo',
    copy: (from, to) =>
      `${path} --insecure-policy copy --all --src-tls-verify=false --dest-tls-verify=false docker://${from} docker://${to}`,
    // It appends the last part of the source's name to the destination.
    copyTags: (from, to) =>
      `${path} --insecure-policy sync --all --src docker --dest docker --src-tls-verify=false --dest-tls-verify=false ${from} ${to.slice(0, to.lastIndexOf('/'))}`,
  }),
}

/** The peers that this machine has. */
export function presentPeers(): readonly Tool[] {
  return Object.entries(peers).flatMap(([name, make]) => {
    const path = findPeer(name)
    return path === undefined ? [] : [make(path)]
  })
}

function plainHttp(...references: readonly string[]): string {
  const hosts = new Set(references.map((reference) => reference.slice(0, reference.indexOf('/'))))
  return [...hosts].map((host) => `--host reg=${host},tls=disabled`).join(' ')
}
