import type { Binding } from '../../../dockerfile/index.ts'

/** How many arguments of a value are told. */
const mostTold = 50

/** The bindings, and those that their values were put together with: the nearest first. */
export function allUsed(direct: Iterable<Binding>): ReadonlySet<Binding> {
  const all = new Set(direct)
  for (const binding of all) {
    if (all.size > mostTold) break
    // A set gives what is added while it is gone through.
    for (const deeper of binding.used) all.add(deeper)
  }
  return all
}
