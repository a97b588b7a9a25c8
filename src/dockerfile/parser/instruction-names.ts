/** Every instruction that BuildKit has. */
const instructionNames = [
  'ADD',
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'MAINTAINER',
  'ONBUILD',
  'RUN',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
] as const

export type InstructionName = (typeof instructionNames)[number]

/** The instruction of a keyword, upper case or lower; undefined where there is none. */
export function readInstructionName(keyword: string): InstructionName | undefined {
  const upper = keyword.toUpperCase()
  return instructionNames.find((name) => name === upper)
}

/** The instruction that a typing error most likely meant: at most two letters away, and fewer than half of them. */
export function nearestInstruction(keyword: string): InstructionName | undefined {
  if (keyword.length > 20) return undefined
  const upper = keyword.toUpperCase()
  let best: { readonly name: InstructionName; readonly distance: number } | undefined
  for (const name of instructionNames) {
    const distance = editDistance(upper, name)
    if (best === undefined || distance < best.distance) best = { name, distance }
  }
  return best !== undefined && best.distance <= Math.min(2, Math.floor(upper.length / 2))
    ? best.name
    : undefined
}

/** Insertions, deletions, substitutions and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? (beforeLast[j - 2] ?? 0) + 1
          : Infinity
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost, swapped))
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
