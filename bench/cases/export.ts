import { startDockerRegistry } from '../../test/interop/docker-registry.ts'
import { findPeer } from '../../test/interop/peer.ts'
import { uploadImage } from '../../test/interop/upload-image.ts'
import type { BenchCase } from '../bench-case.ts'
import { compare } from '../compare.ts'
import { measureInTurn } from '../measure.ts'
import { lading } from '../peer-commands.ts'
import { rootFileSystemImage } from '../root-file-system.ts'

/** A whole file system as a tar archive, thrown away. */
export const exportFileSystem: BenchCase = {
  name: 'export',
  async run(context) {
    await using registry = await startDockerRegistry({ seconds: 3600 })
    const { image, origin } = await rootFileSystemImage(context)
    await uploadImage(registry.host, 'root', 'one', image)
    const place = `${registry.host}/root:one`
    const crane = findPeer('crane')
    const measured = await measureInTurn(
      [
        { name: lading.name, command: () => `${lading.run('export', place, '-o', '-')} | cat` },
        ...(crane === undefined
          ? []
          : [{ name: 'crane', command: () => `${crane} export --insecure ${place} - | cat` }]),
      ],
      Math.min(context.rounds, 7),
    )
    const work = `export a file system (${origin})`
    return [...compare(work, 'time', measured, { atMost: 0.7 }), ...compare(work, 'CPU', measured)]
  },
}
