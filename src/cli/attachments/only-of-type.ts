import type { Attached, AttachedImage } from './attached.ts'

/** The same without what neither is of `type` nor has something of it attached; platforms without any go too. */
export function onlyOfType(image: AttachedImage, type: string): AttachedImage {
  return {
    ...image,
    attached: prune(image.attached, type),
    platforms:
      image.platforms
        ?.map((platform) => ({ ...platform, attached: prune(platform.attached, type) }))
        .filter(({ attached }) => attached.length > 0) ?? null,
  }
}

function prune(all: readonly Attached[], type: string): Attached[] {
  return all
    .map((one) => ({ ...one, attached: prune(one.attached, type) }))
    .filter((one) => one.type === type || one.attached.length > 0)
}
