import { buildImage } from '../../test/fixtures/build-image.ts'
import { startDockerRegistry, type DockerRegistry } from '../../test/interop/docker-registry.ts'
import { uploadImage } from '../../test/interop/upload-image.ts'
import type { BenchCase } from '../bench-case.ts'
import { compare } from '../compare.ts'
import { measureInTurn } from '../measure.ts'
import { lading, presentPeers } from '../peer-commands.ts'

const count = 50

/** The tags of the repository that {@link uploadManyImages} makes. */
export const manyTags: readonly string[] = Array.from({ length: count }, (_, number) => `v1.${number}`)

/** Fifty images in one repository: two layers that all have, and a small one of their own. */
export async function uploadManyImages(host: string): Promise<void> {
  const base = { 'usr/lib/base.txt': 'base\n'.repeat(200_000) }
  const runtime = { 'usr/lib/runtime.txt': 'runtime\n'.repeat(50_000) }
  for (const tag of manyTags) {
    await uploadImage(host, 'set/app', tag, buildImage({ layers: [base, runtime, { 'app/version': tag }] }))
  }
}

/** All tags of that repository into an empty registry. */
export const copyMany: BenchCase = {
  name: 'copy-many',
  async run({ rounds }) {
    await using source = await startDockerRegistry({ seconds: 3600 })
    await uploadManyImages(source.host)
    let target: DockerRegistry | undefined
    try {
      const measured = await measureInTurn(
        [lading, ...presentPeers()].map(({ name, copyTags }) => ({
          name,
          prepare: async () => {
            await target?.stop()
            target = await startDockerRegistry()
          },
          command: () => copyTags(`${source.host}/set/app`, `${target?.host ?? ''}/set/app`, manyTags),
        })),
        Math.min(rounds, 9),
      )
      return compare(`copy ${count} images that share layers`, 'time', measured, { atMost: 1 })
    } finally {
      await target?.stop()
    }
  },
}
