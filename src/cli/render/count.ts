/** A number with its noun: `1 blob`, `2 blobs`. */
export function count(number: number, one: string, many: string = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}
