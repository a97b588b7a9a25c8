import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import {
  type Body,
  type Deleter,
  type FetchOptions,
  NotFoundError,
  type OperationOptions,
  type PushOptions,
  type ReferrerLister,
  type ReferrersOptions,
  bytesBody,
  fetchBytes,
  type Source,
  type TagChange,
  type TagChanger,
  type TaggedManifest,
  type TagLister,
  type Target,
} from '../../content/index.ts'
import { openTemporaryFile, withFileLock, writeFileAtomically } from '../../files/index.ts'
import { type Descriptor, type Digest, isDigest } from '../../oci/index.ts'
import { blobPath } from '../blob-path.ts'
import { forgetContent, forgetName, isCalled, listContent, nameContent } from '../change-layout-index.ts'
import { entryNames, type LayoutEntry, type LayoutIndex, serializeLayoutIndex } from '../layout-index.ts'
import { LayoutReader } from '../layout-reader.ts'
import { nameNotFound } from '../name-not-found.ts'
import { placeError } from '../place-error.ts'
import { receiveBody } from '../receive-body.ts'
import type { DirectoryFiles } from './directory-files.ts'

/**
 * An OCI image layout in a directory. Several processes may write to one at once.
 *
 * Names are `org.opencontainers.image.ref.name` and, read only, `io.containerd.image.name`. `resolve('')`
 * gives the only image of a layout that has one. `tag(descriptor, digest)` lists content without a name.
 * A manifest that is pushed with a `subject` is listed so too: nothing else would lead to it.
 */
export interface OciLayout extends Source, Target, TagLister, TagChanger, ReferrerLister, Deleter {
  readonly display: string
  changeTag(name: string, change: TagChange, options?: OperationOptions): Promise<void>
  referrers(subject: Digest, options?: ReferrersOptions): Promise<readonly Descriptor[]>
  tags(options?: OperationOptions): AsyncIterable<string>
}

export class DirectoryLayout implements OciLayout {
  readonly display: string
  readonly manifestsAreWhole: boolean = false
  readonly #root: string
  readonly #files: DirectoryFiles
  readonly #reader: LayoutReader

  constructor(root: string, files: DirectoryFiles) {
    this.display = files.display
    this.#root = root
    this.#files = files
    this.#reader = new LayoutReader(files)
  }

  resolve(name: string, options?: OperationOptions): Promise<Descriptor> {
    return this.#reader.resolve(name, options)
  }

  fetch(descriptor: Descriptor, options?: FetchOptions): Promise<Readable> {
    return this.#reader.fetch(descriptor, options)
  }

  exists(descriptor: Descriptor, options?: OperationOptions): Promise<boolean> {
    return this.#reader.exists(descriptor, options)
  }

  referrers(subject: Digest, options?: ReferrersOptions): Promise<readonly Descriptor[]> {
    return this.#reader.referrers(subject, options)
  }

  tags(options?: OperationOptions): AsyncIterable<string> {
    return this.#reader.tags(options)
  }

  async push(descriptor: Descriptor, body: Body, options: PushOptions = {}): Promise<void> {
    // A blob of another size is what a crash or a full disk left behind: it is written again.
    if (!(await this.#reader.exists(descriptor, options))) await this.#writeBlob(descriptor, body, options)
    const links = await this.#reader.links(descriptor, options)
    if (links?.subject !== undefined)
      await this.#change((index) => listContent(index, links.descriptor), options)
  }

  async tag(descriptor: Descriptor, name: string, options: OperationOptions = {}): Promise<void> {
    if (!(await this.#reader.exists(descriptor, options))) throw this.#absent(descriptor)
    if (isDigest(name)) return this.#change((index) => listContent(index, descriptor), options)
    await this.#change(async (index) => {
      const named = nameContent(index, descriptor, name)
      return this.#keepReferrers(named.index, named.displaced, options)
    }, options)
  }

  async changeTag(name: string, change: TagChange, options: OperationOptions = {}): Promise<void> {
    await this.#change(async (index) => {
      const entry = index.entries.find((each) => isCalled(each, name))
      const wanted = await change(entry === undefined ? undefined : await this.#whole(entry, options))
      if (wanted === undefined) return index
      const { descriptor, bytes } = wanted
      if (!(await this.#reader.exists(descriptor, options)))
        await this.#writeBlob(descriptor, bytesBody(bytes), options)
      const named = nameContent(index, descriptor, name)
      return this.#keepReferrers(named.index, named.displaced, options)
    }, options)
  }

  async #whole({ descriptor }: LayoutEntry, options: OperationOptions): Promise<TaggedManifest> {
    return { descriptor, bytes: await fetchBytes(this, descriptor, options) }
  }

  async untag(name: string, options: OperationOptions = {}): Promise<void> {
    await this.#change(async (index) => {
      if (!index.entries.some((entry) => isCalled(entry, name))) {
        throw nameNotFound(this.display, name, index.entries.flatMap(entryNames))
      }
      const unnamed = forgetName(index, name)
      return this.#keepReferrers(unnamed.index, unnamed.displaced, options)
    }, options)
  }

  async delete(descriptor: Descriptor, options: OperationOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    await this.#change((index) => forgetContent(index, descriptor.digest), options)
    try {
      await unlink(await this.#files.place(blobPath(descriptor.digest)))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw this.#absent(descriptor)
      throw placeError(`delete ${descriptor.digest} of ${this.display}`, error)
    }
  }

  async #writeBlob(descriptor: Descriptor, body: Body, options: PushOptions): Promise<void> {
    try {
      const path = await this.#files.place(blobPath(descriptor.digest))
      await using file = await openTemporaryFile(this.#root, { signal: options.signal })
      await receiveBody(descriptor, body, (chunk) => file.write(chunk), options)
      await file.commitAs(path)
    } catch (error) {
      throw placeError(`write to ${this.display}`, error)
    }
  }

  /** Changes `index.json` alone in the world; what others wrote meanwhile is what `change` sees. */
  async #change(
    change: (index: LayoutIndex) => LayoutIndex | Promise<LayoutIndex>,
    options: OperationOptions,
  ): Promise<void> {
    const path = join(this.#root, 'index.json')
    const changing = async (): Promise<void> => {
      const before = await this.#reader.readIndex(options)
      const after = await change(before)
      if (after !== before)
        await writeFileAtomically(path, serializeLayoutIndex(after), { signal: options.signal })
    }
    try {
      await withFileLock(path, changing, { signal: options.signal })
    } catch (error) {
      throw placeError(`write index.json of ${this.display}`, error)
    }
  }

  /** Lists without a name what lost its name and refers to something: its subject is how it is found. */
  async #keepReferrers(
    index: LayoutIndex,
    displaced: readonly LayoutEntry[],
    options: OperationOptions,
  ): Promise<LayoutIndex> {
    let kept = index
    for (const { descriptor } of displaced) {
      const links = await this.#reader.links(descriptor, options)
      if (links?.subject !== undefined) kept = listContent(kept, links.descriptor)
    }
    return kept
  }

  #absent({ digest }: Descriptor): NotFoundError {
    return new NotFoundError(`Cannot find ${digest} in ${this.display}: it is not there`)
  }
}
