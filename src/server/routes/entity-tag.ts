/**
 * Whether an `If-None-Match` header names a content (RFC 9110 section 13.1.2). Weak tags compare as strong ones there.
 *
 * @param entityTag with its quotes.
 */
export function matchesEntityTag(header: string, entityTag: string): boolean {
  if (header.trim() === '*') return true
  return header.split(',').some((one) => {
    const tag = one.trim()
    return tag === entityTag || (tag.startsWith('W/') && tag.slice(2) === entityTag)
  })
}
