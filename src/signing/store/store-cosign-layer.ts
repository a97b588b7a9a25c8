import {
  bytesBody,
  LimitExceededError,
  type OperationOptions,
  type Pusher,
  type TagChanger,
  type TaggedManifest,
  UnsupportedError,
} from '../../content/index.ts'
import {
  type Descriptor,
  type Digest,
  descriptorToJson,
  digestAlgorithm,
  digestHex,
  digestOf,
  maxManifestBytesPushed,
  mediaTypes,
  parseManifest,
} from '../../oci/index.ts'
import { mostEvidence } from '../evidence/evidence-budget.ts'
import { asRecord, readJson } from '../evidence/read-json.ts'
import type { CosignLayer } from './cosign-layer.ts'

/** What stands under cosign's tag afterwards. */
export interface StoredCosignLayer {
  /** `<alg>-<hex>.sig` or `.att`. */
  readonly tag: string
  readonly manifest: Descriptor
}

/**
 * Adds a signature or attestation to those under cosign's older tag. What is there stays, also what others add at the
 * same time; the very same one is added once.
 *
 * @throws {UnsupportedError} when the tag names something else.
 * @throws {LimitExceededError} past the 1,000 that are read again.
 */
export async function storeCosignLayer(
  target: Pusher & TagChanger & { readonly display: string },
  subject: Digest,
  layer: CosignLayer,
  { signal }: OperationOptions = {},
): Promise<StoredCosignLayer> {
  signal?.throwIfAborted()
  const tag = `${digestAlgorithm(subject)}-${digestHex(subject)}.${layer.kind}`
  const doing = `add to ${target.display}:${tag}`
  await target.push(layer.descriptor, bytesBody(layer.bytes), { signal })
  let manifest = layer.descriptor
  await target.changeTag(
    tag,
    async (current) => {
      const layers = current === undefined ? [] : layersOf(current, doing)
      if (current !== undefined && layers.some((each) => isSame(each, layer.descriptor))) {
        manifest = current.descriptor
        return undefined
      }
      const changed = withLayers(current, [...layers, layer.descriptor], doing)
      await target.push(changed.config.descriptor, bytesBody(changed.config.bytes), { signal })
      manifest = changed.manifest.descriptor
      return changed.manifest
    },
    { signal },
  )
  return { tag, manifest }
}

/** Payloads of one image are the same bytes, whoever signed them. */
function isSame(one: Descriptor, other: Descriptor): boolean {
  const signature = 'dev.cosignproject.cosign/signature'
  return one.digest === other.digest && one.annotations?.[signature] === other.annotations?.[signature]
}

function layersOf({ bytes, descriptor }: TaggedManifest, doing: string): readonly Descriptor[] {
  const manifest = parseManifest(bytes, descriptor.mediaType)
  if (manifest.kind === 'manifest') return manifest.layers
  throw new UnsupportedError(`Cannot ${doing}: the tag names an index, which holds no signatures`)
}

/** What others wrote into the manifest and Lading does not know stays in it. */
function withLayers(
  current: TaggedManifest | undefined,
  layers: readonly Descriptor[],
  doing: string,
): { readonly config: TaggedManifest; readonly manifest: TaggedManifest } {
  if (layers.length > mostEvidence)
    throw new LimitExceededError(
      `Cannot ${doing}: there are ${layers.length - 1} already, the most that count`,
    )
  const config = inMemory(mediaTypes.ociConfig, configOf(layers))
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    ...(current === undefined ? {} : asRecord(readJson(current.bytes))),
    config: descriptorToJson(config.descriptor),
    layers: [...writtenLayers(current), ...layers.slice(-1).map(descriptorToJson)],
  }
  const manifest = inMemory(current?.descriptor.mediaType ?? mediaTypes.ociManifest, document)
  if (manifest.bytes.length > maxManifestBytesPushed) {
    throw new LimitExceededError(
      `Cannot ${doing}: its manifest would have more than ${maxManifestBytesPushed} bytes`,
    )
  }
  return { config, manifest }
}

function writtenLayers(current: TaggedManifest | undefined): readonly unknown[] {
  const layers = current === undefined ? [] : asRecord(readJson(current.bytes))?.['layers']
  return Array.isArray(layers) ? layers : []
}

/** The configuration of an image that never runs: its layers are not compressed, so that their digests are their diff IDs. */
function configOf(layers: readonly Descriptor[]): object {
  return {
    architecture: '',
    created: '0001-01-01T00:00:00Z',
    history: layers.map(() => ({ created: '0001-01-01T00:00:00Z' })),
    os: '',
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    config: {},
  }
}

function inMemory(mediaType: string, document: object): TaggedManifest {
  const bytes = Buffer.from(JSON.stringify(document))
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes }
}
