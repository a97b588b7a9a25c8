import * as v from 'valibot'

/**
 * Standard base64 with its padding and no stray bits, of at most `maxBytes` bytes: one text for one content, so that
 * nothing can be changed in it that a more lenient reader passes over.
 */
export function base64Text(
  maxBytes: number,
  { empty = false }: { readonly empty?: boolean } = {},
): v.GenericSchema<unknown, string> {
  return v.pipe(
    v.string('is not text'),
    v.minLength(empty ? 0 : 1, 'is empty'),
    v.maxLength(4 * Math.ceil(maxBytes / 3), `has more than ${maxBytes} bytes`),
    v.check((text) => Buffer.from(text, 'base64').toString('base64') === text, 'is not base64'),
  )
}
