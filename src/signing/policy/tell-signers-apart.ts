/**
 * Gives each place somebody else: of those who could stand there one who stands at no other. As many places are filled as can be (a
 * maximum matching, by paths that take somebody from another place who finds a third for it).
 *
 * @param candidates names for each place, the preferred ones first
 * @returns for each place a name, or undefined where it stays empty
 */
export function tellSignersApart(
  candidates: readonly (readonly string[])[],
): readonly (string | undefined)[] {
  const placeOf = new Map<string, number>()
  for (const place of candidates.keys()) seat(place, candidates, placeOf, new Set())
  const nameAt = new Map([...placeOf].map(([name, place]) => [place, name]))
  return candidates.map((_, place) => nameAt.get(place))
}

function seat(
  place: number,
  candidates: readonly (readonly string[])[],
  placeOf: Map<string, number>,
  asked: Set<string>,
): boolean {
  for (const name of candidates[place] ?? []) {
    if (asked.has(name)) continue
    asked.add(name)
    const other = placeOf.get(name)
    if (other !== undefined && !seat(other, candidates, placeOf, asked)) continue
    placeOf.set(name, place)
    return true
  }
  return false
}
