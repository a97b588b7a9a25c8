import type { Change } from '../records/record-store.ts'

/**
 * Steps of a write. A record is changed or checked once in a write, since each expectation is about the state before
 * it: of two steps on one record the one that changes it stays, at the place of the first.
 */
export class ChangeSet {
  readonly #changes = new Map<string, Change>()

  /** Writes a record whatever is there. */
  put(key: string, value: Uint8Array): void {
    this.#changes.set(key, { kind: 'put', key, value })
  }

  /** Writes a record that must have this version, or (null) must not be there. */
  swap(key: string, value: Uint8Array, expected: string | null): void {
    this.#changes.set(key, { kind: 'put', key, value, expected })
  }

  /** Deletes a record that must have this version. */
  delete(key: string, expected: string): void {
    this.#changes.set(key, { kind: 'delete', key, expected })
  }

  /** Holds the write to a record's version. */
  check(key: string, expected: string | null): void {
    if (!this.#changes.has(key)) this.#changes.set(key, { kind: 'check', key, expected })
  }

  list(): readonly Change[] {
    return [...this.#changes.values()]
  }
}

/** The steps of a write that adds something, in the order that is sound after every one of them. */
export class AddingSteps {
  /** Edges and queue entries: without what they lead to they are garbage, which the collector finds. */
  readonly edges: ChangeSet = new ChangeSet()
  /** Manifests, blobs, contents, and that they are still as they were read. */
  readonly things: ChangeSet = new ChangeSet()
  /** Repositories and tags. */
  readonly names: ChangeSet = new ChangeSet()
  /** Edges that lead from what is no more. */
  readonly leftovers: ChangeSet = new ChangeSet()

  list(): readonly Change[] {
    return [this.edges, this.things, this.names, this.leftovers].flatMap((set) => set.list())
  }
}
