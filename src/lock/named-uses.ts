import type { ImageUse } from './collect-uses.ts'

/**
 * Whether a name as people say it means an image: the last part of its name (`uv`), several (`astral-sh/uv`), all of it, each perhaps
 * with the tag.
 */
export function isNamed({ reference }: Pick<ImageUse, 'reference'>, name: string): boolean {
  const { name: text, tag } = splitTag(name)
  if (tag !== undefined && tag !== reference.tag) return false
  return [reference.name, reference.familiarName].some(
    (whole) => whole === text || whole.endsWith(`/${text}`),
  )
}

/** `localhost:5000/app` has no tag. */
function splitTag(text: string): { readonly name: string; readonly tag: string | undefined } {
  const colon = text.indexOf(':', text.lastIndexOf('/') + 1)
  return colon < 0
    ? { name: text, tag: undefined }
    : { name: text.slice(0, colon), tag: text.slice(colon + 1) }
}
