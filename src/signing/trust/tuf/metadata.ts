import { Metadata, MetadataKind, type Root, type Snapshot, type Targets, type Timestamp } from '@tufjs/models'

/** Signed metadata by its role. */
export interface MetadataByRole {
  readonly root: Metadata<Root>
  readonly timestamp: Metadata<Timestamp>
  readonly snapshot: Metadata<Snapshot>
  readonly targets: Metadata<Targets>
}

/** The roles at the top, which are all that Sigstore's instances publish their trust root by. */
export type Role = keyof MetadataByRole

/** The most bytes of each role's metadata; a length that other metadata names may only lower it. */
export const largestMetadata: Readonly<Record<Role, number>> = {
  root: 512 * 1024,
  timestamp: 16 * 1024,
  snapshot: 2 * 1024 * 1024,
  targets: 5 * 1024 * 1024,
}

type AnyMetadata = MetadataByRole[Role]

type JsonObject = Parameters<typeof Metadata.fromJSON>[1]

const readers: { readonly [Name in Role]: (json: JsonObject) => MetadataByRole[Name] } = {
  root: (json) => Metadata.fromJSON(MetadataKind.Root, json),
  timestamp: (json) => Metadata.fromJSON(MetadataKind.Timestamp, json),
  snapshot: (json) => Metadata.fromJSON(MetadataKind.Snapshot, json),
  targets: (json) => Metadata.fromJSON(MetadataKind.Targets, json),
}

/** Reads the metadata of a role; its signatures are not looked at. @throws {Error} whose message ends a sentence. */
export function readMetadata<Name extends Role>(role: Name, bytes: Uint8Array): MetadataByRole[Name] {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (!isJsonObject(json)) throw new TypeError('not an object')
    const metadata = readers[role](json)
    const { version } = metadata.signed
    if (!Number.isSafeInteger(version) || version < 1)
      throw new TypeError('its version is not a number from 1 up')
    return metadata
  } catch (error) {
    throw new Error(`its ${role} metadata cannot be read: ${reason(error)}`, { cause: error })
  }
}

/** Checks that enough of the keys that `root` names for the role have signed. @throws {Error} */
export function checkSignatures(root: Metadata<Root>, role: Role, signed: AnyMetadata): void {
  try {
    root.verifyDelegate(role, signed)
  } catch (error) {
    throw new Error(`its ${role} metadata is not signed by those who have to: ${reason(error)}`, {
      cause: error,
    })
  }
}

/** Checks that metadata may still be used: who withholds newer metadata can do so for a limited time. @throws {Error} */
export function checkExpiry(role: Role, { signed }: AnyMetadata, now: Date): void {
  const expires = new Date(signed.expires).getTime()
  if (!(now.getTime() < expires)) throw new Error(`its ${role} metadata expired on ${signed.expires}`)
}

function isJsonObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
