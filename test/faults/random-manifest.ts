import { types } from '../protocol/protocol-data.ts'
import { namedContent, type RandomContent, randomContent } from '../protocol/random-content.ts'
import type { WholeManifest } from './acknowledged-content.ts'
import type { RandomChoices } from './random-choices.ts'

/** An image of one to three layers of which most are small; some of them may be ones that others push as well. */
export function randomImage(choices: RandomChoices, shared: readonly RandomContent[]): WholeManifest {
  const layers = Array.from({ length: 1 + choices.number(3) }, () => {
    const common = shared[choices.number(shared.length)]
    if (common !== undefined && choices.number(4) === 0) return common
    return randomContent(1 + choices.number(choices.one([500, 5_000, 50_000, 1_000_000])))
  })
  const config = namedContent(Buffer.from(JSON.stringify({ os: 'linux', salt: choices.number(2 ** 31) })))
  const document = {
    schemaVersion: 2,
    mediaType: types.image,
    config: describe(types.config, config),
    layers: layers.map((layer) => describe(types.layer, layer)),
  }
  return {
    ...namedContent(Buffer.from(JSON.stringify(document))),
    mediaType: types.image,
    blobs: [config, ...layers],
    children: [],
  }
}

/** An index of these. */
export function indexOf(children: readonly WholeManifest[]): WholeManifest {
  const manifests = children.map((child) => describe(child.mediaType, child))
  const document = { schemaVersion: 2, mediaType: types.index, manifests }
  return {
    ...namedContent(Buffer.from(JSON.stringify(document))),
    mediaType: types.index,
    blobs: [],
    children,
  }
}

function describe(mediaType: string, { digest, bytes }: RandomContent): object {
  return { mediaType, digest, size: bytes.length }
}
