import { startDockerRegistry } from '../../test/interop/docker-registry.ts'
import { findPeer } from '../../test/interop/peer.ts'
import { uploadImage } from '../../test/interop/upload-image.ts'
import type { BenchCase } from '../bench-case.ts'
import { compare } from '../compare.ts'
import { measureInTurn } from '../measure.ts'
import { lading } from '../peer-commands.ts'
import { randomImage } from '../random-image.ts'

/** A small file out of an image of three layers: from the uppermost, and from the lowest. */
export const cat: BenchCase = {
  name: 'cat',
  async run({ rounds }) {
    await using registry = await startDockerRegistry({ seconds: 3600 })
    await uploadImage(registry.host, 'three', 'one', randomImage([40e6, 20e6, 5e6]))
    const image = `${registry.host}/three:one`
    const crane = findPeer('crane')
    const rows = []
    for (const [layer, number] of [
      ['uppermost', 2],
      ['lowest', 0],
    ] as const) {
      const path = `etc/layer-${number}.conf`
      const measured = await measureInTurn(
        [
          { name: lading.name, command: () => lading.run('cat', image, `/${path}`) },
          ...(crane === undefined
            ? []
            : [
                {
                  name: 'crane export | tar',
                  command: () => `${crane} export --insecure ${image} - | tar -xO ${path}`,
                },
              ]),
        ],
        rounds,
      )
      rows.push(...compare(`cat a file of the ${layer} of 3 layers`, 'time', measured, { atMost: 1 }))
    }
    return rows
  },
}
