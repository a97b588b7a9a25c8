import { startDockerRegistry, type DockerRegistry } from '../../test/interop/docker-registry.ts'
import { uploadImage } from '../../test/interop/upload-image.ts'
import type { BenchCase } from '../bench-case.ts'
import { compare } from '../compare.ts'
import { measureInTurn } from '../measure.ts'
import { lading, presentPeers } from '../peer-commands.ts'
import { randomImage } from '../random-image.ts'

/** One image of 400 MB in five layers from a registry into an empty one: each run has a new destination. */
export const copyLarge: BenchCase = {
  name: 'copy-large',
  async run({ rounds, say }) {
    await using source = await startDockerRegistry({ seconds: 3600 })
    say('making an image of 400 MB')
    await uploadImage(source.host, 'big', 'one', randomImage([1e6, 99e6, 100e6, 100e6, 100e6]))
    let target: DockerRegistry | undefined
    try {
      const measured = await measureInTurn(
        [lading, ...presentPeers()].map(({ name, copy }) => ({
          name,
          prepare: async () => {
            await target?.stop()
            target = await startDockerRegistry()
          },
          command: () => copy(`${source.host}/big:one`, `${target?.host ?? ''}/big:one`),
        })),
        Math.min(rounds, 7),
      )
      return [
        ...compare('copy 400 MB', 'time', measured, { atMost: 1 }),
        ...compare('copy 400 MB', 'CPU', measured),
      ]
    } finally {
      await target?.stop()
    }
  },
}
