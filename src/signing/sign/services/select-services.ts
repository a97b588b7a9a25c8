import type { SelectionDocument, ServiceDocument } from './signing-config-schema.ts'

/**
 * Which of the services are used, by the rules of `ServiceSelector`
 * (https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto): valid at the time, of the highest
 * version that is spoken, of each operator the one that began last. Where any may be taken, the newest is.
 *
 * @param versions that are spoken, the best first
 * @returns why none can be used where there are some; nothing of nothing.
 */
export function selectServices(
  services: readonly ServiceDocument[],
  { selector, count }: SelectionDocument,
  versions: readonly number[],
  at: Date,
): readonly ServiceDocument[] | string {
  if (services.length === 0) return []
  const newestFirst = services
    .filter(({ validFor: { start, end } }) => (start ?? at) <= at && at <= (end ?? at))
    .toSorted((a, b) => startOf(b) - startOf(a))
  const version = versions.find((wanted) =>
    newestFirst.some(({ majorApiVersion }) => majorApiVersion === wanted),
  )
  const usable = newestFirst.filter(({ majorApiVersion }) => majorApiVersion === version)
  const ofOperators = usable.filter(
    ({ operator }, position) => usable.findIndex((other) => other.operator === operator) === position,
  )
  if (ofOperators.length === 0)
    return 'none of the services is valid now and speaks a version that is known here'
  switch (selector) {
    case 'ALL':
      return ofOperators
    case 'ANY':
      return ofOperators.slice(0, 1)
    case 'EXACT':
      return count > 0 && count <= ofOperators.length
        ? ofOperators.slice(0, count)
        : `${count} services are asked for, and ${ofOperators.length} can be used`
    default:
      return selector satisfies never
  }
}

function startOf({ validFor }: ServiceDocument): number {
  return validFor.start?.getTime() ?? -Infinity
}
