import { createHash } from 'node:crypto'
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { content, type FixtureImage, jsonContent, jsonDescriptor } from '../test/fixtures/build-image.ts'
import { findPeer } from '../test/interop/peer.ts'
import { runProgram } from '../test/interop/run-program.ts'
import type { BenchContext } from './bench-case.ts'
import { randomImage } from './random-image.ts'

/** About 365 MB of files when unpacked. */
const packages = 'git,python3,openssh-client,gnupg,vim,curl,locales,ca-certificates'

/**
 * An image of one layer with a real root file system, made by Debian's mmdebstrap and kept in the cache folder;
 * without mmdebstrap, one of the same size that is made up. `origin` says which.
 */
export async function rootFileSystemImage({
  cache,
  say,
}: BenchContext): Promise<{ readonly image: FixtureImage; readonly origin: string }> {
  const tar = await debianRoot(cache, say)
  if (tar === undefined) return { image: randomImage([365e6], 'root'), origin: 'made up' }
  return { image: imageOf(tar), origin: 'Debian' }
}

async function debianRoot(cache: string, say: (text: string) => void): Promise<Buffer | undefined> {
  const file = join(cache, `debian-${createHash('sha256').update(packages).digest('hex').slice(0, 12)}.tar`)
  const kept = await readFile(file).catch(() => undefined)
  if (kept !== undefined) return kept
  const mmdebstrap = findPeer('mmdebstrap')
  if (mmdebstrap === undefined) return undefined
  say('making a root file system with mmdebstrap')
  const fresh = `${file}.${process.pid}.tar`
  const { code, stderr } = await runProgram(
    mmdebstrap,
    ['--variant=minbase', `--include=${packages}`, 'bookworm', fresh],
    { seconds: 600 },
  )
  if (code !== 0) {
    say(`mmdebstrap failed: ${stderr.trim().split('\n').at(-1) ?? ''}`)
    return undefined
  }
  await rename(fresh, file)
  return readFile(file)
}

function imageOf(tar: Uint8Array): FixtureImage {
  const layer = content('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(tar))
  const config = jsonContent('application/vnd.oci.image.config.v1+json', {
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(tar).digest('hex')}`] },
  })
  const manifest = jsonContent('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: jsonDescriptor(config.descriptor),
    layers: [jsonDescriptor(layer.descriptor)],
  })
  return { ...manifest, contents: [layer, config, manifest], images: [], layers: [layer.descriptor] }
}
