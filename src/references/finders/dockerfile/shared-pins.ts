import { type Binding, literalOf } from '../../../dockerfile/index.ts'
import type { NamedImage, Pin } from './named-image.ts'

/**
 * Takes the pin from images whose argument goes into other names too: with a digest in its default, `FROM $IMAGE` would be
 * pinned and `FROM $IMAGE-slim` broken.
 */
export function withSharedPins(images: readonly NamedImage[]): readonly NamedImage[] {
  const broken = new Map<string, NamedImage>()
  for (const image of images) {
    const own = siteOfPin(image.pin)
    for (const binding of image.used) {
      const site = siteOfValue(binding)
      if (site !== undefined && site !== own) broken.set(site, image)
    }
  }
  return images.map((image) => {
    const other = broken.get(siteOfPin(image.pin) ?? '')
    const reason = `its argument is a part of ${JSON.stringify(other?.written.text)} too`
    return other === undefined ? image : { ...image, pin: { kind: 'none', reason } }
  })
}

/** Where a pin would be written, as a text to compare. */
function siteOfPin(pin: Pin): string | undefined {
  if (pin.kind === 'none') return undefined
  return pin.kind === 'text' ? `at ${pin.text.start}` : `given ${pin.name}`
}

/** Where the value of an argument is written. */
function siteOfValue({ kind, name, written }: Binding): string | undefined {
  if (kind === 'given') return `given ${name}`
  const literal = written === undefined ? undefined : literalOf(written)
  return literal === undefined ? undefined : `at ${literal.start}`
}
