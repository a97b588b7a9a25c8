/** One block of PEM (RFC 7468). */
export interface PemBlock {
  /** As in `BEGIN <label>`. */
  readonly label: string
  readonly bytes: Buffer
}

/** What a file that is a key, a certificate or a chain of them may have; characters. */
const maxPemLength = 128 * 1024

const block = /-----BEGIN ([A-Z0-9][A-Z0-9 ]{0,63})-----([A-Za-z0-9+/=\s]*?)-----END \1-----/y

/**
 * The blocks of a PEM text, with nothing but white space around them. Headers inside a block (RFC 1421, as
 * `Proc-Type`) are not taken.
 *
 * @returns undefined where the text is something else.
 */
export function pemBlocks(text: string): readonly PemBlock[] | undefined {
  if (text.length > maxPemLength) return undefined
  const rest = text.trim()
  const blocks: PemBlock[] = []
  for (let offset = 0; offset < rest.length;) {
    block.lastIndex = offset
    const found = block.exec(rest)
    const encoded = found?.[2]?.replaceAll(/\s/g, '') ?? ''
    const bytes = Buffer.from(encoded, 'base64')
    if (found === null || encoded === '' || bytes.toString('base64') !== encoded) return undefined
    blocks.push({ label: found[1] ?? '', bytes })
    offset = block.lastIndex
    while (/\s/.test(rest.charAt(offset))) offset += 1
  }
  return blocks
}

/** A block of PEM with lines of 64 characters. */
export function writePem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
