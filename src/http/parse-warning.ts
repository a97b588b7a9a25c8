/** The longest text of a warning that is shown. */
const longest = 500

/**
 * The texts of the `299` warnings in a `Warning` header: `299 - "text"`, several joined by commas
 * (OCI distribution specification, "Warnings"; RFC 7234, section 5.5). Control characters are made spaces.
 */
export function parseWarnings(header: string): readonly string[] {
  const texts: string[] = []
  for (const [, code, quoted] of header.matchAll(/(?:^|,)\s*(\d{3}) \S+ "((?:[^"\\]|\\.)*)"/g)) {
    if (code !== '299' || quoted === undefined) continue
    const text = quoted
      .replaceAll(/\\(.)/g, '$1')
      .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
      .trim()
    if (text !== '') texts.push(text.length > longest ? `${text.slice(0, longest)}…` : text)
  }
  return texts
}
