import type { NamedImage } from './named-image.ts'

/** Gives those of a place that name different images places of their own: `FROM:python` becomes `FROM:python:3.12`. */
export function withDistinctPlaces(images: readonly NamedImage[]): readonly NamedImage[] {
  const named = Map.groupBy(images, ({ place }) => place)
  const shared = new Set(
    [...named].filter(([, group]) => new Set(group.map(nameOf)).size > 1).map(([place]) => place),
  )
  return images.map((image) => (shared.has(image.place) ? { ...image, place: fullPlace(image) } : image))
}

function fullPlace(image: NamedImage): string {
  const { place, target } = image
  const name = nameOf(image)
  const short = target.kind === 'image' ? target.reference.familiarName : undefined
  return short !== undefined && place.endsWith(`:${short}`)
    ? `${place.slice(0, -short.length)}${name}`
    : `${place}:${name}`
}

function nameOf({ target, written }: NamedImage): string {
  return target.kind === 'image' ? target.reference.familiar : written.text
}
