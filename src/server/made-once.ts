/**
 * Remembers what was made of an object for as long as the object itself is kept. A store that answers from memory gives
 * the same record again, and reading its JSON costs more than finding it.
 */
export function madeOnce<Source extends object, Made>(
  make: (source: Source) => Made,
): (source: Source) => Made {
  const made = new WeakMap<Source, { readonly value: Made }>()
  return (source) => {
    const there = made.get(source)
    if (there !== undefined) return there.value
    const value = make(source)
    made.set(source, { value })
    return value
  }
}
