import type { FinderInput } from '../../finder.ts'
import { decodeText } from '../../search/decode-text.ts'
import { readYaml } from '../../yaml/read-yaml.ts'
import { readServices } from './read-service.ts'

/** The files that compose reads together when none is named. */
const readTogether = ['compose', 'docker-compose'].flatMap((name) =>
  ['', '.override'].flatMap((part) => ['.yaml', '.yml'].map((ending) => name + part + ending)),
)

/** The services that files beside a compose file build: an `image` that it gives them is the name of what is built. */
export async function servicesBuiltBeside({ file, files }: FinderInput): Promise<ReadonlySet<string>> {
  const folder = file.slice(0, file.lastIndexOf('/') + 1)
  const built = new Set<string>()
  for (const name of readTogether) {
    if (folder + name === file) continue
    const bytes = await files.read(folder + name)
    if (bytes === undefined) continue
    const { text } = decodeText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    const yaml = text.includes('build') ? readYaml(text) : undefined
    // What is broken is told when the file is looked at itself.
    for (const service of yaml?.kind === 'read' ? yaml.documents.flatMap(readServices) : [])
      if (service.build !== undefined) built.add(service.name)
  }
  return built
}
