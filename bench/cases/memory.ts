import { join } from 'node:path'
import { startDockerRegistry } from '../../test/interop/docker-registry.ts'
import { uploadImage } from '../../test/interop/upload-image.ts'
import type { BenchCase } from '../bench-case.ts'
import { lading } from '../peer-commands.ts'
import { peakMemory } from '../peak-memory.ts'
import { formatMegabytes, type Row } from '../report.ts'
import { rootFileSystemImage } from '../root-file-system.ts'

const limit = 200e6

/** The most memory that each verb takes on an image of a few hundred MB. */
export const memory: BenchCase = {
  name: 'memory',
  async run(context) {
    await using registry = await startDockerRegistry({ seconds: 3600 })
    await using other = await startDockerRegistry({ seconds: 3600 })
    const { image } = await rootFileSystemImage(context)
    await uploadImage(registry.host, 'root', 'one', image)
    const place = `${registry.host}/root:one`
    const archive = join(context.folder, 'saved.tar')
    const verbs: readonly (readonly [string, ...string[]])[] = [
      ['resolve', place],
      ['inspect', place],
      ['tags', `${registry.host}/root`],
      ['referrers', place],
      ['files', place],
      ['cat', place, '/etc/debian_version'],
      ['copy', place, `${other.host}/root:one`],
      ['copy', place, `oci:${join(context.folder, 'layout')}:one`],
      ['save', place, '-o', archive],
      ['load', '-i', archive, `oci:${join(context.folder, 'loaded')}:one`],
      ['export', place, '-o', join(context.folder, 'exported.tar')],
      ['tag', place, 'two'],
    ]
    const rows: Row[] = []
    for (const words of verbs) {
      const bytes = await peakMemory(lading.run(...words))
      const reached = bytes <= limit ? 'reached' : 'missed'
      rows.push({
        work: words
          .join(' ')
          .replaceAll(registry.host, 'registry')
          .replaceAll(other.host, 'other')
          .replaceAll(`${context.folder}/`, ''),
        measure: 'memory',
        lading: formatMegabytes(bytes),
        peer: '',
        theirs: '',
        ratio: '',
        goal: `< ${formatMegabytes(limit)}: ${reached}`,
      })
    }
    return rows
  },
}
