import type { Readable } from 'node:stream'
import type { Descriptor, Digest } from '../oci/index.ts'

/** What every operation on a place accepts. */
export interface OperationOptions {
  /** Ends the operation; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** A part of some content, in bytes. */
export interface ByteRange {
  /** The first byte. */
  readonly start: number
  /** The last byte, included; default: to the end. */
  readonly end?: number | undefined
}

/** Options of {@link Fetcher.fetch}. */
export interface FetchOptions extends OperationOptions {
  /** Which part; default: all. */
  readonly range?: ByteRange | undefined
}

/** Options of {@link Resolver.resolve}. */
export interface ResolveOptions extends OperationOptions {
  /** Whether the content will be fetched next; the place may then get both by one request. Default false. */
  readonly content?: boolean | undefined
}

/** Looks names up. */
export interface Resolver {
  /**
   * Gives the descriptor that a tag or a digest names at this place, now.
   *
   * @throws {NotFoundError} when there is no such name.
   */
  resolve(name: string, options?: ResolveOptions): Promise<Descriptor>
}

/** Gives content. */
export interface Fetcher {
  /**
   * Opens content for reading. The bytes are as the place has them, **unverified**: what is handed to
   * a {@link Pusher} is verified there; who reads it himself uses `fetchVerified` or `fetchBytes`.
   * An interrupted transfer is resumed inside. The caller reads the stream to its end or destroys it.
   *
   * @throws {NotFoundError} when the place does not have it.
   */
  fetch(descriptor: Descriptor, options?: FetchOptions): Promise<Readable>
}

/** Bytes that can be opened more than once, at any offset: what an upload needs to be resumed. */
export interface Body {
  open(offset: number, options?: OperationOptions): Promise<Readable>
}

/** Options of {@link Pusher.push}. */
export interface PushOptions extends OperationOptions {
  /** Called with the number of bytes that went to the place since the last call; negative when some must go again. */
  readonly onBytes?: ((count: number) => void) | undefined
}

/** Takes content. */
export interface Pusher {
  /**
   * Stores content. **Verifies**: it rejects with {@link DamagedContentError}, and stores nothing,
   * unless the body has the descriptor's size and digest. Content that is there already is left alone.
   */
  push(descriptor: Descriptor, body: Body, options?: PushOptions): Promise<void>
}

/** Says whether content is there. */
export interface Prober {
  exists(descriptor: Descriptor, options?: OperationOptions): Promise<boolean>
}

/** Names content. */
export interface Tagger {
  /** Lets `name` point to content that is there already, replacing what it pointed to. */
  tag(descriptor: Descriptor, name: string, options?: OperationOptions): Promise<void>
}

/** Pushes a manifest under a name at once, where that costs one request less than push and tag. */
export interface NamedPusher {
  pushAs(descriptor: Descriptor, bytes: Uint8Array, name: string, options?: OperationOptions): Promise<void>
}

/** A manifest or index under a tag, whole. */
export interface TaggedManifest {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

/** Gives what a tag is to name instead of what it names now (undefined: nothing), or undefined where that is right already. */
export type TagChange = (
  current: TaggedManifest | undefined,
) => TaggedManifest | undefined | Promise<TaggedManifest | undefined>

/** Changes what a tag names without undoing what others change at the same time. */
export interface TagChanger {
  /**
   * Asks `change` with what the tag names until nothing is to be changed; it may be asked several times. What the new
   * manifest names has to be there when `change` gives it.
   *
   * @throws {UnavailableError} when others keep undoing the change.
   */
  changeTag(name: string, change: TagChange, options?: OperationOptions): Promise<void>
}

/** Options of {@link ReferrerLister.referrers}. */
export interface ReferrersOptions extends OperationOptions {
  /** All tags of the place, when the caller has listed them already: spares the look for a fallback tag that is not there. */
  readonly knownTags?: ReadonlySet<string> | undefined
  /** Only referrers of this artifact type; default: all. */
  readonly artifactType?: string | undefined
}

/** Lists what refers to a manifest by `subject`. */
export interface ReferrerLister {
  /** Descriptors with `artifactType` and `annotations`; an empty list says that there are none. A listing that fails rejects. */
  referrers(subject: Digest, options?: ReferrersOptions): Promise<readonly Descriptor[]>
}

/** Lists tags, in whatever order the place gives them. */
export interface TagLister {
  tags(options?: OperationOptions): AsyncIterable<string>
}

/** Takes content over from a sibling without a transfer. */
export interface Mounter {
  /** Whether a mount from there is worth a try: the same registry, another repository. */
  mayMountFrom(from: Source | Target): boolean
  /**
   * Makes a blob of `from` available here.
   *
   * @returns false when the place would not, and the bytes have to be pushed.
   */
  mount(descriptor: Descriptor, from: Source | Target, options?: OperationOptions): Promise<boolean>
}

/** Removes a name or content. */
export interface Deleter {
  /** Removes a tag and leaves the content; the place may not be able to ({@link UnsupportedError}). */
  untag(name: string, options?: OperationOptions): Promise<void>
  /** Removes a manifest or blob, and every tag on it. */
  delete(descriptor: Descriptor, options?: OperationOptions): Promise<void>
}

/** A place to read images from. */
export interface Source extends Resolver, Fetcher, Partial<ReferrerLister>, Partial<TagLister> {
  /** The place as a person reads it, without secrets: `docker.io/library/python`, `oci:dir`. */
  readonly display: string
  /** The place whose content this one hands on, with something of its own besides; default: itself. */
  readonly origin?: Source | undefined
  /** True where what is fetched is counted and asked for over a network, as registries do. */
  readonly isRegistry?: boolean | undefined
}

/** A place to write images to. */
export interface Target
  extends
    Pusher,
    Prober,
    Tagger,
    Resolver,
    Partial<NamedPusher>,
    Partial<TagChanger>,
    Partial<Mounter>,
    Partial<ReferrerLister> {
  readonly display: string
  /**
   * True where a manifest that is there implies that everything it names is there too, as registries
   * see to at the push; a copy then stops at manifests that exist.
   */
  readonly manifestsAreWhole: boolean
  /** Gives what is there already, where that may be had cheaper than from a registry that it came from. */
  readonly content?: Fetcher | undefined
  /** Says that something will be pushed, so that a place that wants to be asked for that is asked at once. */
  expectPushes?(): void
  /** Whether the place is known to hold nothing at all, so that it need not be asked for each content. */
  holdsNothing?(options?: OperationOptions): Promise<boolean>
}
