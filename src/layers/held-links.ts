import type { Digest } from '../oci/index.ts'
import { damagedLayer } from './layer-error.ts'

/** Hard links that wait for their target, which the same layer or an older one has. */
export class HeldLinks {
  readonly #waiting = new Map<string, { readonly layer: Digest; readonly names: string[] }>()

  hold(target: string, name: string, layer: Digest): void {
    const there = this.#waiting.get(target)
    if (there === undefined) this.#waiting.set(target, { layer, names: [name] })
    else there.names.push(name)
  }

  /** The names that wait for `target`, which do not wait any more. */
  take(target: string): readonly string[] {
    if (this.#waiting.size === 0) return []
    const there = this.#waiting.get(target)
    this.#waiting.delete(target)
    return there?.names ?? []
  }

  /** @throws {DamagedContentError} for a link whose target is out of reach. */
  demandReachable(isReachable: (target: string) => boolean): void {
    for (const [target, { layer, names }] of this.#waiting) {
      if (!isReachable(target)) {
        throw damagedLayer(
          layer,
          names[0] ?? '',
          `is a hard link to ${JSON.stringify(target)}, which is not there`,
        )
      }
    }
  }

  demandNone(): void {
    this.demandReachable(() => false)
  }
}
