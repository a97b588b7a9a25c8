import { namedContent, type Algorithm, type RandomContent, randomContent } from './random-content.ts'

export const types = {
  image: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  foreignLayer: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  empty: 'application/vnd.oci.empty.v1+json',
  artifact: 'application/vnd.example.oci.conformance',
  otherArtifact: 'application/vnd.example.oci.conformance.v2',
  dockerImage: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
} as const

/** A descriptor as it stands in JSON. */
export interface JsonDescriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly [field: string]: unknown
}

/** A manifest or index that is made to be pushed. */
export interface MadeManifest extends RandomContent {
  readonly mediaType: string
  readonly descriptor: JsonDescriptor
  /** The blobs that have to be there first. */
  readonly blobs: readonly RandomContent[]
  /** The manifests that have to be there first, in this order. */
  readonly children: readonly MadeManifest[]
}

/** Options of {@link makeImage} and {@link makeIndex}. */
export interface MakeOptions {
  readonly algorithm?: Algorithm
  /** Fields added to the document, or put in place of its own. */
  readonly fields?: Readonly<Record<string, unknown>>
}

/** An image of random layers. */
export function makeImage(
  options: MakeOptions & { readonly layers?: number; readonly embedded?: boolean } = {},
): MadeManifest {
  const { algorithm = 'sha256', fields = {}, layers = 2, embedded = false } = options
  const blobs = Array.from({ length: layers }, () => randomContent(300, algorithm))
  const config = jsonContent(
    { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } },
    algorithm,
  )
  const data = (content: RandomContent): object =>
    embedded ? { data: Buffer.from(content.bytes).toString('base64') } : {}
  return manifest(
    types.image,
    {
      schemaVersion: 2,
      mediaType: types.image,
      config: { ...describe(types.config, config), ...data(config) },
      layers: blobs.map((blob) => ({ ...describe(types.layer, blob), ...data(blob) })),
      ...fields,
    },
    { algorithm, blobs: [...blobs, config], children: [] },
  )
}

/** An artifact with an empty config and one layer, which is the empty document too where `payload` is false. */
export function makeArtifact(options: MakeOptions & { readonly payload?: boolean } = {}): MadeManifest {
  const { algorithm = 'sha256', fields = {}, payload = true } = options
  const config = namedContent(Buffer.from('{}'), algorithm)
  const layer = payload ? randomContent(200, algorithm) : config
  return manifest(
    types.image,
    {
      schemaVersion: 2,
      mediaType: types.image,
      artifactType: types.artifact,
      config: describe(types.empty, config),
      layers: [describe(payload ? types.artifact : types.empty, layer)],
      ...fields,
    },
    { algorithm, blobs: payload ? [config, layer] : [config], children: [] },
  )
}

/** An index of manifests; default: of two images. */
export function makeIndex(
  options: MakeOptions & { readonly children?: readonly MadeManifest[] } = {},
): MadeManifest {
  const { algorithm = 'sha256', fields = {} } = options
  const children = options.children ?? [makeImage({ algorithm }), makeImage({ algorithm })]
  const manifests = children.map((child, number) => ({
    ...child.descriptor,
    platform: { os: 'linux', architecture: number === 0 ? 'amd64' : 'arm64' },
  }))
  return manifest(
    types.index,
    { schemaVersion: 2, mediaType: types.index, manifests, ...fields },
    { algorithm, blobs: [], children },
  )
}

/** An image in Docker's media types. */
export function makeDockerImage(): MadeManifest {
  const layer = randomContent(300)
  const config = jsonContent({ architecture: 'amd64', os: 'linux' }, 'sha256')
  return manifest(
    types.dockerImage,
    {
      schemaVersion: 2,
      mediaType: types.dockerImage,
      config: describe('application/vnd.docker.container.image.v1+json', config),
      layers: [describe('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)],
    },
    { algorithm: 'sha256', blobs: [layer, config], children: [] },
  )
}

/** A list of one image in Docker's media types. */
export function makeDockerList(): MadeManifest {
  const child = makeDockerImage()
  const platform = { os: 'linux', architecture: 'amd64' }
  return manifest(
    types.dockerList,
    { schemaVersion: 2, mediaType: types.dockerList, manifests: [{ ...child.descriptor, platform }] },
    { algorithm: 'sha256', blobs: [], children: [child] },
  )
}

/** An image with a layer that is kept elsewhere, and one that is not. */
export function makeForeignImage(): MadeManifest {
  const layer = randomContent(300)
  const foreign = randomContent(16)
  const config = jsonContent({ architecture: 'amd64', os: 'windows' }, 'sha256')
  return manifest(
    types.image,
    {
      schemaVersion: 2,
      mediaType: types.image,
      config: describe(types.config, config),
      layers: [
        {
          mediaType: types.foreignLayer,
          digest: foreign.digest,
          size: 123_456,
          urls: ['https://store.example.com/layer'],
        },
        describe(types.layer, layer),
      ],
    },
    { algorithm: 'sha256', blobs: [layer, config], children: [] },
  )
}

/** The descriptor of content, as JSON has it. */
export function describe(mediaType: string, { digest, bytes }: RandomContent): JsonDescriptor {
  return { mediaType, digest, size: bytes.length }
}

function manifest(
  mediaType: string,
  document: unknown,
  { algorithm, ...below }: { readonly algorithm: Algorithm } & Pick<MadeManifest, 'blobs' | 'children'>,
): MadeManifest {
  const content = jsonContent(document, algorithm)
  return { ...content, ...below, mediaType, descriptor: describe(mediaType, content) }
}

/** White space as no parser would write it back: the bytes have to come back as they were sent. */
function jsonContent(value: unknown, algorithm: Algorithm): RandomContent {
  return namedContent(Buffer.from(` ${JSON.stringify(value, undefined, 3)}\n\n`), algorithm)
}
