import type { Healthcheck } from '../../oci/index.ts'

/** What `lading inspect` tells of an image; `--json` prints it as it is. Sizes are bytes; what is not known is null. */
export interface Inspection {
  /** As it was named. */
  readonly image: string
  /** `NAME@DIGEST`. */
  readonly name: string
  readonly digest: string
  readonly mediaType: string
  readonly size: number
  /** Null where the name is that of a single manifest. */
  readonly index: InspectedIndex | null
  /** The manifest itself, or the one chosen from the index; null where the index has none for the platform. */
  readonly manifest: InspectedManifest | null
  /** Null for artifacts that are no images. */
  readonly config: InspectedConfig | null
}

/** An index of several manifests. */
export interface InspectedIndex {
  readonly artifactType: string | null
  readonly annotations: Readonly<Record<string, string>>
  /** In the index's order, without attestations. */
  readonly platforms: readonly InspectedEntry[]
  /** BuildKit's attestations that are about none of `platforms`. */
  readonly otherAttestations: readonly string[]
}

/** An entry of an index. */
export interface InspectedEntry {
  readonly platform: string | null
  readonly digest: string
  readonly mediaType: string
  /** Of the manifest. */
  readonly size: number
  readonly artifactType: string | null
  readonly annotations: Readonly<Record<string, string>>
  /** The digests of BuildKit's attestations in the index that are about this entry. */
  readonly attestations: readonly string[]
  /** How many layers it has; with `--all-platforms`. */
  readonly layers: number | null
  /** Of all layers as they are stored; with `--all-platforms`. */
  readonly layersSize: number | null
}

/** An image's or artifact's manifest. */
export interface InspectedManifest {
  readonly platform: string | null
  readonly digest: string
  readonly mediaType: string
  readonly size: number
  readonly artifactType: string | null
  readonly annotations: Readonly<Record<string, string>>
  /** The digest of what it refers to. */
  readonly subject: string | null
  readonly config: { readonly mediaType: string; readonly digest: string; readonly size: number }
  /** Lowest first. */
  readonly layers: readonly InspectedLayer[]
  /** Of all layers as they are stored. */
  readonly layersSize: number
  /** Of all layers unpacked, each as often as it is used; with `--unpacked`. */
  readonly unpackedSize: number | null
}

/** A layer of an image, or a blob of an artifact. */
export interface InspectedLayer {
  readonly digest: string
  readonly mediaType: string
  /** As stored. */
  readonly size: number
  /** With `--unpacked`; null also for what is no file system layer, or lies elsewhere. */
  readonly unpackedSize: number | null
  /** The digest of the unpacked layer, as the config says. */
  readonly diffId: string | null
  /** `org.opencontainers.image.title`: an artifact's file name. */
  readonly title: string | null
  readonly annotations: Readonly<Record<string, string>>
}

/** An image's config. */
export interface InspectedConfig {
  readonly platform: string
  readonly created: string | null
  readonly author: string | null
  readonly user: string | null
  readonly entrypoint: readonly string[] | null
  readonly cmd: readonly string[] | null
  readonly workingDir: string | null
  readonly env: readonly string[]
  readonly exposedPorts: readonly string[]
  readonly volumes: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly healthcheck: Healthcheck | null
  readonly stopSignal: string | null
  readonly shell: readonly string[] | null
  readonly onBuild: readonly string[]
  readonly history: InspectedHistory
}

/** An image's history. */
export interface InspectedHistory {
  /** Whether each step that made a layer can be told; where not, no step has one. */
  readonly aligned: boolean
  /** Oldest first. */
  readonly steps: readonly InspectedStep[]
}

/** One step of an image's making. */
export interface InspectedStep {
  readonly created: string | null
  readonly createdBy: string | null
  readonly author: string | null
  readonly comment: string | null
  /** The layer that it made, by its position in the manifest, from 0. */
  readonly layer: number | null
}
