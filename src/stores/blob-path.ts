import { type Digest, digestAlgorithm, digestHex } from '../oci/index.ts'

/** Where a layout keeps a blob, relative to its root (image-layout.md, "Blobs"). A digest is checked hex, so the path stays inside. */
export function blobPath(digest: Digest): string {
  return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`
}
