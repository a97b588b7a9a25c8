import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../protocol-error.ts'
import { isRepositoryName } from '../repository-name.ts'
import { parseProtocolRoute } from './parse-route.ts'

const sha256 = `sha256:${'a'.repeat(64)}`
const sha512 = `sha512:${'0'.repeat(128)}`

describe('parseProtocolRoute() reads every endpoint of the specification', () => {
  it.each([
    ['GET', '/v2', { kind: 'base' }],
    ['GET', '/v2/', { kind: 'base' }],
    ['GET', '/v2/?anything=goes', { kind: 'base' }],
    ['GET', '/v2/_catalog', { kind: 'list-repositories', page: { limit: undefined, after: undefined } }],
    ['GET', '/v2/_catalog?n=5&last=a/b', { kind: 'list-repositories', page: { limit: 5, after: 'a/b' } }],
    [
      'GET',
      '/v2/a/tags/list?n=0&last=v1',
      { kind: 'list-tags', repository: 'a', page: { limit: 0, after: 'v1' } },
    ],
    [
      'GET',
      '/v2/a/manifests/latest',
      { kind: 'get-manifest', repository: 'a', reference: { tag: 'latest' } },
    ],
    ['HEAD', `/v2/a/b/manifests/${sha256}`, { kind: 'get-manifest', repository: 'a/b', reference: sha256 }],
    [
      'PUT',
      `/v2/a/manifests/${sha512}?tag=x&tag=y&tag=x`,
      { kind: 'put-manifest', repository: 'a', reference: sha512, tags: ['x', 'y'] },
    ],
    ['DELETE', '/v2/a/manifests/x', { kind: 'delete-manifest', repository: 'a', reference: { tag: 'x' } }],
    ['GET', `/v2/a/blobs/${sha256}`, { kind: 'get-blob', repository: 'a', digest: sha256 }],
    ['DELETE', `/v2/a/blobs/${sha256}`, { kind: 'delete-blob', repository: 'a', digest: sha256 }],
    ['POST', '/v2/a/blobs/uploads', { kind: 'start-upload', repository: 'a', algorithm: undefined }],
    [
      'POST',
      '/v2/a/blobs/uploads/?digest-algorithm=sha512',
      { kind: 'start-upload', repository: 'a', algorithm: 'sha512' },
    ],
    ['POST', `/v2/a/blobs/uploads/?digest=${sha256}`, { kind: 'push-blob', repository: 'a', digest: sha256 }],
    [
      'POST',
      `/v2/a/blobs/uploads/?mount=${sha256}&from=b%2Fc`,
      { kind: 'mount-blob', repository: 'a', digest: sha256, from: 'b/c' },
    ],
    [
      'POST',
      `/v2/a/blobs/uploads?mount=${sha256}`,
      { kind: 'mount-blob', repository: 'a', digest: sha256, from: undefined },
    ],
    ['GET', '/v2/a/blobs/uploads/some-id_1', { kind: 'get-upload', repository: 'a', upload: 'some-id_1' }],
    ['GET', '/v2/a/blobs/uploads/uploads', { kind: 'get-upload', repository: 'a', upload: 'uploads' }],
    ['PATCH', '/v2/a/blobs/uploads/i?_state=s', { kind: 'append-upload', repository: 'a', upload: 'i' }],
    [
      'PUT',
      `/v2/a/blobs/uploads/i?digest=${encodeURIComponent(sha256)}`,
      { kind: 'finish-upload', repository: 'a', upload: 'i', digest: sha256 },
    ],
    ['DELETE', '/v2/a/blobs/uploads/i', { kind: 'cancel-upload', repository: 'a', upload: 'i' }],
    [
      'GET',
      `/v2/a/referrers/${sha256}?artifactType=application/vnd.x+json&last=${sha512}`,
      {
        kind: 'list-referrers',
        repository: 'a',
        subject: sha256,
        artifactType: 'application/vnd.x+json',
        after: sha512,
      },
    ],
  ])('%s %s', (method, target, route) => {
    expect(parseProtocolRoute(method, target)).toEqual(route)
  })

  it('takes the colon of a digest percent-encoded, as clients send it', () => {
    const route = parseProtocolRoute('GET', `/v2/a/blobs/${sha256.replace(':', '%3A')}`)
    expect(route).toEqual({ kind: 'get-blob', repository: 'a', digest: sha256 })
    expect(parseProtocolRoute('GET', `/v2/a/blobs/${sha256.replace(':', '%3a')}`)).toEqual(route)
  })

  it('reads names that look like endpoints from the end of the path', () => {
    expect(parseProtocolRoute('GET', '/v2/a/manifests/b/blobs/uploads/manifests/tags')).toEqual({
      kind: 'get-manifest',
      repository: 'a/manifests/b/blobs/uploads',
      reference: { tag: 'tags' },
    })
    expect(parseProtocolRoute('GET', '/v2/tags/list/tags/list')).toMatchObject({ repository: 'tags/list' })
    expect(parseProtocolRoute('POST', '/v2/blobs/uploads/blobs/uploads/')).toMatchObject({
      repository: 'blobs/uploads',
    })
  })

  it('gives any huge n: bounds are for whoever reads the page', () => {
    const route = parseProtocolRoute('GET', '/v2/_catalog?n=99999999999999999999')
    expect(route.kind === 'list-repositories' && route.page.limit).toBeGreaterThan(1e19)
  })
})

/** CVE-2024-3727: digests that nobody checked became paths. Neither they nor anything else of a path does here. */
describe('parseProtocolRoute() refuses with the status and code of the specification', () => {
  it.each([
    ['GET', '/v2/a%2Fb/manifests/x', 400, 'NAME_INVALID'],
    ['GET', '/v2/a%2fb/manifests/x', 400, 'NAME_INVALID'],
    ['GET', '/v2/a%252Fb/manifests/x', 400, 'NAME_INVALID'],
    ['GET', '/v2/a/../b/manifests/x', 400, 'NAME_INVALID'],
    ['GET', '/v2/a/%2E%2E/b/manifests/x', 400, 'NAME_INVALID'],
    ['GET', '/v2/a//b/manifests/x', 400, 'NAME_INVALID'],
    ['GET', '/v2//manifests/x', 400, 'NAME_INVALID'],
    ['GET', '/v2/manifests/x', 404, 'UNSUPPORTED'],
    ['POST', '/v2/blobs/uploads/', 404, 'UNSUPPORTED'],
    ['GET', '/v2/tags/list', 404, 'UNSUPPORTED'],
    ['GET', '/v2/a\\b/manifests/x', 400, 'NAME_INVALID'],
    ['GET', '/v2/a%00/manifests/x', 400, 'NAME_INVALID'],
    ['GET', '/v2/a/manifests/x%00', 400, 'NAME_INVALID'],
    ['GET', '/v2/a%zz/manifests/x', 400, 'NAME_INVALID'],
    ['GET', '/v2/A/manifests/x', 400, 'NAME_INVALID'],
    ['GET', '/v2/-a/manifests/x', 400, 'NAME_INVALID'],
    ['GET', '/v2/a/manifests/.x', 400, 'TAG_INVALID'],
    ['GET', `/v2/a/manifests/${'x'.repeat(129)}`, 400, 'TAG_INVALID'],
    ['GET', '/v2/a/manifests/..', 400, 'TAG_INVALID'],
    ['GET', '/v2/a/manifests/', 400, 'TAG_INVALID'],
    ['GET', '/v2/a/manifests/sha256:baddigeststring', 400, 'DIGEST_INVALID'],
    ['GET', '/v2/a/blobs/sha256:../../../../etc/passwd', 404, 'UNSUPPORTED'],
    ['GET', '/v2/a/blobs/sha256:..%2F..%2Fetc', 400, 'NAME_INVALID'],
    ['GET', `/v2/a/blobs/SHA256:${'a'.repeat(64)}`, 400, 'DIGEST_INVALID'],
    ['GET', `/v2/a/blobs/md5:${'a'.repeat(32)}`, 400, 'DIGEST_INVALID'],
    ['PUT', '/v2/a/blobs/uploads/i', 400, 'DIGEST_INVALID'],
    ['PUT', `/v2/a/blobs/uploads/i?digest=${sha256}&digest=${sha512}`, 400, 'UNSUPPORTED'],
    ['POST', '/v2/a/blobs/uploads/?digest=', 400, 'DIGEST_INVALID'],
    ['POST', '/v2/a/blobs/uploads/?mount=x', 400, 'DIGEST_INVALID'],
    ['POST', `/v2/a/blobs/uploads/?mount=${sha256}&from=..`, 400, 'NAME_INVALID'],
    ['POST', '/v2/a/blobs/uploads/?digest-algorithm=md5', 400, 'DIGEST_INVALID'],
    ['GET', '/v2/a/blobs/uploads/a.b', 404, 'BLOB_UPLOAD_UNKNOWN'],
    ['GET', `/v2/a/referrers/latest`, 400, 'DIGEST_INVALID'],
    ['GET', `/v2/a/referrers/${sha256}?artifactType=%0d%0a`, 400, 'UNSUPPORTED'],
    ['GET', '/v2/a/tags/list?n=-1', 400, 'UNSUPPORTED'],
    ['GET', '/v2/a/tags/list?n=1e3', 400, 'UNSUPPORTED'],
    ['GET', '/v2/a/tags/list?n=', 400, 'UNSUPPORTED'],
    ['GET', '/v2/a/tags/list?n=1&n=2', 400, 'UNSUPPORTED'],
    ['GET', '/v2/a/tags/list?last=a/b', 400, 'UNSUPPORTED'],
    ['GET', '/v2/_catalog?last=..%2F', 400, 'UNSUPPORTED'],
    ['GET', '/v2/_catalog?last=%E0%A4%A', 400, 'UNSUPPORTED'],
    ['PUT', '/v2/a/manifests/x?tag=y', 400, 'TAG_INVALID'],
    ['PUT', `/v2/a/manifests/${sha256}?tag=.`, 400, 'TAG_INVALID'],
    ['PUT', `/v2/a/manifests/${sha256}?${'tag=x&'.repeat(101)}`, 414, 'TAG_INVALID'],
    ['GET', `/v2/_catalog?${'&'.repeat(300)}`, 414, 'UNSUPPORTED'],
    ['GET', `/v2/${'a'.repeat(2000)}`, 414, 'NAME_INVALID'],
    ['GET', '/v2/a', 404, 'UNSUPPORTED'],
    ['GET', '/v2/a/tags', 404, 'UNSUPPORTED'],
    ['GET', '/v2/a/tags/list/', 404, 'UNSUPPORTED'],
    ['GET', '/v2x', 404, 'UNSUPPORTED'],
    ['GET', '/', 404, 'UNSUPPORTED'],
    ['GET', '', 404, 'UNSUPPORTED'],
  ])('%s %s is %i %s', (method, target, status, code) => {
    const error = thrownBy(() => parseProtocolRoute(method, target))
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error).toMatchObject({ status, code })
  })

  it.each([
    ['POST', '/v2/', 'GET, HEAD'],
    ['DELETE', '/v2/_catalog', 'GET, HEAD'],
    ['POST', '/v2/a/tags/list', 'GET, HEAD'],
    ['PUT', `/v2/a/referrers/${sha256}`, 'GET, HEAD'],
    ['PATCH', '/v2/a/manifests/x', 'GET, HEAD, PUT, DELETE'],
    ['PUT', `/v2/a/blobs/${sha256}`, 'GET, HEAD, DELETE'],
    ['GET', '/v2/a/blobs/uploads/', 'POST'],
    ['POST', '/v2/a/blobs/uploads/i', 'GET, HEAD, PATCH, PUT, DELETE'],
  ])('%s %s is 405 and says what the path takes', (method, target, allow) => {
    expect(thrownBy(() => parseProtocolRoute(method, target))).toMatchObject({
      status: 405,
      headers: { Allow: allow },
    })
  })
})

describe('parseProtocolRoute() of any text', () => {
  it('throws nothing but protocol errors, and gives only repository names', () => {
    const piece = fc.oneof(
      fc.constantFrom('/', '//', '..', '%2F', '%2e', '%00', '%', '\\', '?', '&', '=', 'n', 'last', 'digest'),
      fc.constantFrom('/manifests/', '/blobs/', 'uploads', '/tags/list', '/referrers/', 'a', sha256, sha512),
      fc.string({ maxLength: 4 }),
    )
    const target = fc.array(piece, { maxLength: 12 }).map((pieces) => `/v2/${pieces.join('')}`)
    const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS')
    fc.assert(
      fc.property(method, target, (verb, text) => {
        const error = thrownBy(() => {
          const route = parseProtocolRoute(verb, text)
          if ('repository' in route && !isRepositoryName(route.repository)) throw new Error(route.repository)
        })
        expect(error === undefined || error instanceof ProtocolError).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

function thrownBy(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  return undefined
}
