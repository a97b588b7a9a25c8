import { type Digest, type DigestAlgorithm, isDigest, isTag, parseDigest } from '../../oci/index.ts'
import { ProtocolError } from '../protocol-error.ts'
import { type Query, singleParameter } from './parse-query.ts'
import type { ManifestReference, PageQuery } from './protocol-route.ts'

/** More tags than this are not set by one push; the specification wants at least 10. */
const maxTagParameters = 100

const maxArtifactTypeLength = 255

/** A tag or a digest. @throws {ProtocolError} DIGEST_INVALID or TAG_INVALID. */
export function referenceOf(text: string): ManifestReference {
  if (isDigest(text)) return text
  if (text.includes(':')) return digestOf(text)
  if (isTag(text)) return { tag: text }
  throw new ProtocolError(
    'TAG_INVALID',
    'neither a digest nor a tag of at most 128 letters, digits, "_", "." or "-"',
  )
}

/** A digest. @throws {ProtocolError} DIGEST_INVALID. */
export function digestOf(text: string): Digest {
  try {
    return parseDigest(text)
  } catch (cause) {
    throw new ProtocolError('DIGEST_INVALID', 'not a sha256 or sha512 digest in lower-case hex', { cause })
  }
}

/** The `digest-algorithm` of an upload. @throws {ProtocolError} DIGEST_INVALID. */
export function algorithmOf(text: string | undefined): DigestAlgorithm | undefined {
  if (text === undefined || text === 'sha256' || text === 'sha512') return text
  throw new ProtocolError('DIGEST_INVALID', 'the digest algorithm must be sha256 or sha512')
}

/** The `artifactType` that referrers are asked for. @throws {ProtocolError} UNSUPPORTED with status 400. */
export function artifactTypeOf(text: string | undefined): string | undefined {
  // `?artifactType=` asks for everything: a form's empty field, as curl's and browsers' users send it.
  if (text === undefined || text === '') return undefined
  if (text.length <= maxArtifactTypeLength && /^[\x21-\x7e]+$/.test(text)) return text
  throw new ProtocolError('UNSUPPORTED', 'artifactType is not a media type', { status: 400 })
}

/**
 * The `tag` parameters of a push by digest, each once (distribution specification, "Pushing Manifests").
 *
 * @throws {ProtocolError} TAG_INVALID, with status 414 for too many.
 */
export function tagsOf(query: Query, reference: ManifestReference): readonly string[] {
  const tags = query.get('tag') ?? []
  if (tags.length === 0) return tags
  if (typeof reference !== 'string')
    throw new ProtocolError('TAG_INVALID', 'tag parameters belong to a push by digest')
  if (tags.length > maxTagParameters)
    throw new ProtocolError('TAG_INVALID', `one push sets at most ${maxTagParameters} tags`, { status: 414 })
  if (!tags.every(isTag))
    throw new ProtocolError('TAG_INVALID', 'a tag has at most 128 letters, digits, "_", "." or "-"')
  return [...new Set(tags)]
}

/**
 * `n` and `last` of a listing. A huge `n` is as good as another: the handler bounds what it gives.
 *
 * @throws {ProtocolError} UNSUPPORTED with status 400.
 */
export function pageOf(query: Query, isEntry: (text: string) => boolean): PageQuery {
  const n = singleParameter(query, 'n')
  if (n !== undefined && !/^[0-9]{1,20}$/.test(n))
    throw new ProtocolError('UNSUPPORTED', 'n must be a whole number of entries', { status: 400 })
  // An empty `last` is where every listing begins; clients that fill in a form send it with the first page.
  const after = singleParameter(query, 'last') || undefined
  if (after !== undefined && !isEntry(after))
    throw new ProtocolError('UNSUPPORTED', 'last is nothing that such a list has', { status: 400 })
  return { limit: n === undefined ? undefined : Number(n), after }
}
