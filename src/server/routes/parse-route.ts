import { isTag } from '../../oci/index.ts'
import { ProtocolError } from '../protocol-error.ts'
import { isRepositoryName, parseRepositoryName, type RepositoryName } from '../repository-name.ts'
import { parseQuery, type Query, singleParameter } from './parse-query.ts'
import type { ProtocolRoute } from './protocol-route.ts'
import { algorithmOf, artifactTypeOf, digestOf, pageOf, referenceOf, tagsOf } from './route-values.ts'

/** Longer than the longest path that means something: a name of 255, an endpoint, a digest or tag. */
const maxPathLength = 1024

/**
 * Reads the method and the raw target of a request: everything below `/v2`, by the endpoints of the distribution
 * specification. Paths are read from their end, since a repository may be called `a/manifests/b`.
 *
 * Percent-encodings stand for letters, digits and `._:-` only (clients send `sha256%3A…`), are decoded once, and
 * an encoded slash, dot segment, backslash or NUL therefore names nothing.
 *
 * @throws {ProtocolError} with status 400, 404, 405 (with `Allow`) or 414 for what is no request of the protocol.
 */
export function parseProtocolRoute(method: string, target: string): ProtocolRoute {
  const question = target.indexOf('?')
  const path = decodedPath(question < 0 ? target : target.slice(0, question))
  const query = question < 0 ? undefined : target.slice(question + 1)
  if (path === '/v2' || path === '/v2/') return only(reading, method, { kind: 'base' })
  if (!path.startsWith('/v2/')) throw noEndpoint()
  if (path === '/v2/_catalog') {
    allow(reading, method)
    return { kind: 'list-repositories', page: pageOf(parseQuery(query), isRepositoryName) }
  }
  const slash = path.lastIndexOf('/')
  const last = path.slice(slash + 1)
  const before = path.slice(0, slash)
  if (before.endsWith('/manifests')) return manifestRoute(method, nameIn(before, '/manifests'), last, query)
  if (before.endsWith('/blobs/uploads')) {
    const repository = nameIn(before, '/blobs/uploads')
    const parameters = parseQuery(query)
    return last === ''
      ? uploadsRoute(method, repository, parameters)
      : uploadRoute(method, repository, last, parameters)
  }
  if (before.endsWith('/blobs')) {
    const repository = nameIn(before, '/blobs')
    return last === 'uploads'
      ? uploadsRoute(method, repository, parseQuery(query))
      : blobRoute(method, repository, last)
  }
  if (last === 'list' && before.endsWith('/tags')) {
    allow(reading, method)
    const repository = nameIn(before, '/tags')
    return { kind: 'list-tags', repository, page: pageOf(parseQuery(query), isTag) }
  }
  if (before.endsWith('/referrers'))
    return referrersRoute(method, nameIn(before, '/referrers'), last, parseQuery(query))
  throw noEndpoint()
}

function manifestRoute(
  method: string,
  repository: RepositoryName,
  text: string,
  query: string | undefined,
): ProtocolRoute {
  const reference = referenceOf(text)
  switch (method) {
    case 'GET':
    case 'HEAD':
      return { kind: 'get-manifest', repository, reference }
    case 'PUT':
      return { kind: 'put-manifest', repository, reference, tags: tagsOf(parseQuery(query), reference) }
    case 'DELETE':
      return { kind: 'delete-manifest', repository, reference }
    default:
      throw wrongMethod('GET, HEAD, PUT, DELETE')
  }
}

function blobRoute(method: string, repository: RepositoryName, text: string): ProtocolRoute {
  const digest = digestOf(text)
  switch (method) {
    case 'GET':
    case 'HEAD':
      return { kind: 'get-blob', repository, digest }
    case 'DELETE':
      return { kind: 'delete-blob', repository, digest }
    default:
      throw wrongMethod('GET, HEAD, DELETE')
  }
}

function uploadsRoute(method: string, repository: RepositoryName, query: Query): ProtocolRoute {
  if (method !== 'POST') throw wrongMethod('POST')
  const mount = singleParameter(query, 'mount')
  if (mount !== undefined) {
    const from = singleParameter(query, 'from')
    return {
      kind: 'mount-blob',
      repository,
      digest: digestOf(mount),
      from: from === undefined ? undefined : parseRepositoryName(from),
    }
  }
  const digest = singleParameter(query, 'digest')
  if (digest !== undefined) return { kind: 'push-blob', repository, digest: digestOf(digest) }
  return {
    kind: 'start-upload',
    repository,
    algorithm: algorithmOf(singleParameter(query, 'digest-algorithm')),
  }
}

function uploadRoute(
  method: string,
  repository: RepositoryName,
  upload: string,
  query: Query,
): ProtocolRoute {
  if (!uploadPattern.test(upload))
    throw new ProtocolError('BLOB_UPLOAD_UNKNOWN', 'the repository has no such upload')
  switch (method) {
    case 'GET':
    case 'HEAD':
      return { kind: 'get-upload', repository, upload }
    case 'PATCH':
      return { kind: 'append-upload', repository, upload }
    case 'PUT': {
      const digest = digestOf(singleParameter(query, 'digest') ?? '')
      return { kind: 'finish-upload', repository, upload, digest }
    }
    case 'DELETE':
      return { kind: 'cancel-upload', repository, upload }
    default:
      throw wrongMethod('GET, HEAD, PATCH, PUT, DELETE')
  }
}

function referrersRoute(
  method: string,
  repository: RepositoryName,
  text: string,
  query: Query,
): ProtocolRoute {
  allow(reading, method)
  const last = singleParameter(query, 'last')
  return {
    kind: 'list-referrers',
    repository,
    subject: digestOf(text),
    artifactType: artifactTypeOf(singleParameter(query, 'artifactType')),
    after: last === undefined ? undefined : digestOf(last),
  }
}

const reading = 'GET, HEAD'

const uploadPattern = /^[A-Za-z0-9_-]{1,128}$/

/** A path with what may be percent-encoded decoded, once. */
function decodedPath(path: string): string {
  if (path.length > maxPathLength)
    throw new ProtocolError('NAME_INVALID', `the path is longer than ${maxPathLength} characters`, {
      status: 414,
    })
  if (!path.includes('%')) return path
  const decoded = path.replaceAll(/%(?:3[0-9A]|[46][1-9A-F]|[57][0-9A]|2[DE]|5F)/gi, (encoded) =>
    String.fromCodePoint(Number.parseInt(encoded.slice(1), 16)),
  )
  if (decoded.includes('%'))
    throw new ProtocolError(
      'NAME_INVALID',
      'the path has a percent-encoding that stands for nothing in a name',
    )
  return decoded
}

/** The name between `/v2/` and an endpoint that the text ends with. */
function nameIn(text: string, endpoint: string): RepositoryName {
  if (text.length < '/v2/'.length + endpoint.length) throw noEndpoint()
  return parseRepositoryName(text.slice('/v2/'.length, -endpoint.length))
}

function only(allowed: string, method: string, route: ProtocolRoute): ProtocolRoute {
  allow(allowed, method)
  return route
}

function allow(allowed: string, method: string): void {
  if (!allowed.split(', ').includes(method)) throw wrongMethod(allowed)
}

function wrongMethod(allowed: string): ProtocolError {
  return new ProtocolError('UNSUPPORTED', `this path takes ${allowed}`, { headers: { Allow: allowed } })
}

function noEndpoint(): ProtocolError {
  return new ProtocolError('UNSUPPORTED', 'there is no such endpoint', { status: 404 })
}
