import { literalOf } from '../../../dockerfile/index.ts'
import type { NamedImage, Pin } from './named-image.ts'

/**
 * Takes the pin from images whose argument goes into other names too: with a digest in its default, `FROM $IMAGE` would be
 * pinned and `FROM $IMAGE-slim` broken.
 */
export function withSharedPins(images: readonly NamedImage[]): readonly NamedImage[] {
  const broken = new Map<number, NamedImage>()
  for (const image of images) {
    for (const { written } of image.used) {
      const literal = written === undefined ? undefined : literalOf(written)
      if (literal !== undefined && !isPinnedAt(image.pin, literal.start)) broken.set(literal.start, image)
    }
  }
  return images.map((image) => {
    const other = image.pin.kind === 'text' ? broken.get(image.pin.text.start) : undefined
    return other === undefined
      ? image
      : {
          ...image,
          pin: {
            kind: 'none',
            reason: `its argument is a part of ${JSON.stringify(other.written.text)} too`,
          },
        }
  })
}

function isPinnedAt(pin: Pin, offset: number): boolean {
  return pin.kind === 'text' && pin.text.start === offset
}
