import { parseKey, prefixes } from '../storage/registry/keys.ts'
import type { CollectContext } from './collect-context.ts'
import { removeIfEmpty } from './remove-if-empty.ts'

/** So many repositories are looked at in a step. */
const repositoriesAStep = 200

/** Removes the records of repositories that hold nothing, in rounds over all of them. */
export class RepositorySweep {
  #after: string | undefined

  /** @returns whether the round goes on. */
  async step(context: CollectContext): Promise<boolean> {
    const prefix = prefixes.all('repositories')
    const keys = await context.records.listKeys({ prefix, after: this.#after, limit: repositoriesAStep })
    for (const key of keys) {
      const parsed = parseKey(key)
      if (parsed?.in === 'repositories') await removeIfEmpty(context, parsed.repository)
    }
    this.#after = keys.length === repositoriesAStep ? keys.at(-1) : undefined
    return this.#after !== undefined
  }
}
