import { DamagedContentError, LimitExceededError } from '../content/index.ts'
import { type Descriptor, mediaTypes, parseDescriptor } from '../oci/index.ts'
import { canonicalJson } from './canonical-json.ts'
import { descriptorJson } from './descriptor-json.ts'
import { isJsonObject, type JsonObject, parseJson } from './json-object.ts'

/** The most bytes that `index.json` may have. */
export const layoutIndexLimit: number = 32 * 1024 * 1024

/** The most entries that `index.json` may have. */
const entryLimit = 100_000

/** The annotation that names an entry (annotations.md). */
export const refNameAnnotation = 'org.opencontainers.image.ref.name'

/** The annotation under which containerd and Docker keep the full name, beside a tag in {@link refNameAnnotation}. */
export const imageNameAnnotation = 'io.containerd.image.name'

/** One descriptor of `index.json`. */
export interface LayoutEntry {
  /** What the entry points to, without the annotations that name it. */
  readonly descriptor: Descriptor
  /** `org.opencontainers.image.ref.name`. */
  readonly refName: string | undefined
  /** `io.containerd.image.name`. */
  readonly imageName: string | undefined
  /** The entry as the file has it, members that are unknown here included. */
  readonly json: JsonObject
}

/** What `index.json` of a layout says. Immutable: changes give another. */
export interface LayoutIndex {
  readonly entries: readonly LayoutEntry[]
  /** The document without its entries. */
  readonly json: JsonObject
}

/** The index of a layout that holds nothing. */
export const emptyLayoutIndex: LayoutIndex = {
  entries: [],
  json: { schemaVersion: 2, mediaType: mediaTypes.ociIndex },
}

/**
 * Reads `index.json` (image-layout.md, "index.json file"). `manifests: null`, as Go writes an empty list, is one.
 *
 * @param what How messages name it: `index.json of oci:dir`.
 * @throws {DamagedContentError} @throws {LimitExceededError}
 * @throws {InvalidDocumentError} naming the member of an entry that is wrong.
 */
export function parseLayoutIndex(bytes: Uint8Array, what: string): LayoutIndex {
  const document = parseJson(bytes, what)
  if (!isJsonObject(document)) throw new DamagedContentError(`Cannot read ${what}: it is not an object`)
  const { manifests: listed, ...json } = document
  if (json['schemaVersion'] !== 2)
    throw new DamagedContentError(`Cannot read ${what}: schemaVersion is not 2`)
  const manifests: unknown = listed ?? []
  if (!Array.isArray(manifests)) throw new DamagedContentError(`Cannot read ${what}: manifests is not a list`)
  if (manifests.length > entryLimit) {
    throw new LimitExceededError(
      `Cannot read ${what}: it has ${manifests.length} entries, more than the ${entryLimit} that are allowed`,
    )
  }
  return {
    entries: manifests.map((entry: unknown, place) => parseEntry(entry, what, `manifests[${place}]`)),
    json,
  }
}

/**
 * The index as bytes: entries by name, those without one last, members in one order. Equal indexes give equal bytes.
 *
 * @throws {LimitExceededError} for one that could not be read again.
 */
export function serializeLayoutIndex(index: LayoutIndex): Buffer {
  if (index.entries.length > entryLimit) {
    throw new LimitExceededError(
      `Cannot write index.json: it would have ${index.entries.length} entries, more than the ${entryLimit} that are allowed`,
      { hint: 'Choose another place, or delete what is not needed any more.' },
    )
  }
  const manifests = index.entries
    .map(({ json, refName }) => ({ name: refName, text: canonicalJson(json, memberOrder), json }))
    .toSorted((a, b) => compareNames(a.name, b.name) || compareText(a.text, b.text))
  const bytes = Buffer.from(
    canonicalJson({ ...index.json, manifests: manifests.map(({ json }) => json) }, memberOrder),
  )
  if (bytes.length > layoutIndexLimit) {
    throw new LimitExceededError(
      `Cannot write index.json: it would have ${bytes.length} bytes, more than the ${layoutIndexLimit} that are allowed`,
      { hint: 'Choose another place, or delete what is not needed any more.' },
    )
  }
  return bytes
}

/** The entry that gives `descriptor` the name, or none. Annotations of the descriptor that name something else are dropped. */
export function layoutEntry(descriptor: Descriptor, refName?: string, imageName?: string): LayoutEntry {
  const { annotations: _, data: __, ...rest } = descriptor
  const own = withoutNames(descriptor.annotations)
  const annotations = {
    ...own,
    ...(refName === undefined ? {} : { [refNameAnnotation]: refName }),
    ...(imageName === undefined ? {} : { [imageNameAnnotation]: imageName }),
  }
  return {
    descriptor: own === undefined ? rest : { ...rest, annotations: own },
    refName,
    imageName,
    json: descriptorJson(Object.keys(annotations).length === 0 ? rest : { ...rest, annotations }),
  }
}

/** Every name that an entry goes by, the shorter one first. */
export function entryNames(entry: LayoutEntry): readonly string[] {
  return [entry.refName, entry.imageName].filter((name) => name !== undefined)
}

function parseEntry(value: unknown, what: string, path: string): LayoutEntry {
  const descriptor = parseDescriptor(value, what, path)
  if (!isJsonObject(value)) throw new DamagedContentError(`Cannot read ${what}: ${path} is not an object`)
  const own = withoutNames(descriptor.annotations)
  const { annotations, ...rest } = descriptor
  return {
    descriptor: own === undefined ? rest : { ...rest, annotations: own },
    refName: annotations?.[refNameAnnotation],
    imageName: annotations?.[imageNameAnnotation],
    json: value,
  }
}

function withoutNames(annotations: Descriptor['annotations']): Readonly<Record<string, string>> | undefined {
  if (annotations === undefined) return undefined
  const { [refNameAnnotation]: _, [imageNameAnnotation]: __, ...own } = annotations
  return Object.keys(own).length === 0 ? undefined : own
}

function compareNames(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  return compareText(a, b)
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

const memberOrder = [
  'schemaVersion',
  'mediaType',
  'artifactType',
  'digest',
  'size',
  'platform',
  'manifests',
  'annotations',
] as const
