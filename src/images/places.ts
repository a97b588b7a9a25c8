import type { Readable, Writable } from 'node:stream'
import type { Deleter, OperationOptions, Source, Target } from '../content/index.ts'
import type { Descriptor, Platform, Reference } from '../oci/index.ts'
import type { RegistryClient } from '../registry/index.ts'
import type { CreateArchiveOptions } from '../stores/index.ts'
import type { Location } from './location.ts'

/** What {@link openPlaces} works with. */
export interface PlacesOptions {
  /** Speaks to registries; closed with the places. */
  readonly registry: RegistryClient
  /** The environment: `DOCKER_HOST`, `XDG_RUNTIME_DIR`; default: none of it. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** What `-` reads; default: archives cannot be read from `-`. */
  readonly stdin?: () => Readable
  /** What `-` writes; default: archives cannot be written to `-`. */
  readonly stdout?: () => Writable
  /** Where standard input and what an engine sends are kept while they are read; default: the system's. */
  readonly temporaryDirectory?: string
}

/** A place opened for reading, and which of its images was meant. */
export interface OpenedSource extends AsyncDisposable {
  readonly location: Location
  readonly source: Source
  /** What to resolve there: a tag, a digest, or a place's only image. */
  readonly name: string
}

/** A place opened for writing. What is not committed is discarded. */
export interface OpenedTarget extends AsyncDisposable {
  readonly location: Location
  readonly target: Target
  /** Set where content can be deleted again: registries and layouts. */
  readonly deleter?: Deleter
  /** The names that an image of this digest gets there. @throws {UsageError} where the location asks for another digest. */
  namesFor(root: Descriptor): readonly string[]
  /** Makes what was written visible; until then an archive is not there. */
  commit(options?: OperationOptions): Promise<void>
}

/** Opens places; several of them share connections, credentials and caches. */
export interface Places extends AsyncDisposable {
  openSource(location: Location, options?: OpenSourceOptions): Promise<OpenedSource>
  openTarget(location: Location, options?: OpenTargetOptions): Promise<OpenedTarget>
  readonly registry: RegistryClient
}

/** Options of {@link Places.openSource}. */
export interface OpenSourceOptions extends OperationOptions {
  /** Whether all of the place will be read: a compressed archive is then kept plain from the start. Default false. */
  readonly whole?: boolean | undefined
}

/** Options of {@link Places.openTarget}. */
export interface OpenTargetOptions extends OperationOptions {
  /** What names an image at a place that wants a reference where the location has none: what it came from. */
  readonly from?: Reference | undefined
  /** Which image of an index `docker load` gets. */
  readonly platform?: Platform | undefined
  /** How an archive is compressed; default: by its file's ending. */
  readonly compression?: CreateArchiveOptions['compression'] | undefined
}
