import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type ScriptedExchange,
  type ScriptedServer,
  withScriptedServer,
} from '../../../test/fixtures/scripted-server.ts'
import {
  AccessRefusedError,
  LimitExceededError,
  RateLimitedError,
  UnavailableError,
} from '../../content/index.ts'
import { LadingError } from '../../errors/index.ts'
import { createTransport, type Transport } from '../../http/index.ts'
import { digestOf } from '../../oci/index.ts'
import type { Evidence } from './evidence.ts'
import { EvidenceBudget } from './evidence-budget.ts'
import { githubEvidence } from './github-evidence.ts'

const subject = digestOf(Buffer.from('image'))
const path = `/repos/me/app/attestations/${subject}?per_page=30`

describe('githubEvidence()', () => {
  let transport: Transport

  beforeAll(() => {
    transport = createTransport({ tries: 1 })
  })

  afterAll(async () => {
    await transport.close()
  })

  test('reads page after page, with the token', async () => {
    const found = await ask(
      [
        answer(path, [{ bundle: { n: 1 } }], { link: '<{origin}/next?after=1>; rel="next"' }),
        answer('/next?after=1', [{ bundle: { n: 2 } }, { bundle: { n: 3 } }], {
          link: '<{origin}/next?before=1>; rel="prev"',
        }),
      ],
      { token: 'secret' },
    )
    expect(found.map(({ content }) => content)).toEqual(
      [1, 2, 3].map((n) => ({ kind: 'bundle', bundle: { n } })),
    )
    expect(found.map(({ place }) => place)).toEqual(
      [1, 2, 3].map((number) => ({ kind: 'github', owner: 'me/app', number })),
    )
  })

  test('fetches a bundle from its URL, decompressed, and never sends the token there', async () => {
    await withScriptedServer(
      [
        [
          { method: 'GET', path: '/bundle?sig=x', headers: { authorization: null } },
          { body: literal('{"n":1}'), headers: { 'content-type': 'application/x-snappy' } },
        ],
      ],
      async (store) => {
        const found = await ask(
          [answer(path, [{ bundle: null, bundle_url: `${store.origin}/bundle?sig=x` }])],
          { token: 'secret' },
        )
        expect(found.map(({ content }) => content)).toEqual([{ kind: 'bundle', bundle: { n: 1 } }])
      },
    )
  })

  test('a bundle that cannot be read is evidence that cannot be read', async () => {
    await withScriptedServer(
      [
        [{ method: 'GET', path: '/1' }, { body: literal('{"n":') }],
        [{ method: 'GET', path: '/2' }, { body: Buffer.from('ffff', 'hex') }],
      ],
      async (store) => {
        const urls = [`${store.origin}/1`, `${store.origin}/2`, 'no URL', ''].map((bundle_url) => ({
          bundle_url,
        }))
        const found = await ask([answer(path, urls)])
        expect(found.map(({ content }) => content.kind)).toEqual(Array(4).fill('unreadable'))
      },
      { order: 'any' },
    )
  })

  test('storage that does not answer with the bundle is an error', async () => {
    await withScriptedServer([[{ method: 'GET', path: '/1' }, { status: 403 }]], async (store) => {
      await expect(ask([answer(path, [{ bundle_url: `${store.origin}/1` }])])).rejects.toThrow(
        UnavailableError,
      )
    })
  })

  test('an owner that is no organization is a person', async () => {
    const found = await ask(
      [
        [{ method: 'GET', path: `/orgs/me/attestations/${subject}?per_page=30` }, { status: 404 }],
        answer(`/users/me/attestations/${subject}?per_page=30`, [{ bundle: {} }]),
      ],
      { owner: 'me' },
    )
    expect(found).toHaveLength(1)
  })

  test.each([
    [{ status: 403, headers: { 'x-ratelimit-remaining': '0' } }, RateLimitedError, 'GITHUB_TOKEN'],
    [{ status: 403, headers: { 'retry-after': '60' } }, RateLimitedError, 'GITHUB_TOKEN'],
    [{ status: 429 }, RateLimitedError, 'GITHUB_TOKEN'],
    [{ status: 401 }, AccessRefusedError, 'GITHUB_TOKEN'],
    [{ status: 403 }, AccessRefusedError, 'GITHUB_TOKEN'],
    [{ status: 404 }, UnavailableError, '--from registry'],
    [{ status: 500 }, UnavailableError, ''],
    [{ status: 200, body: '<html>' }, UnavailableError, ''],
    [{ status: 200, body: '{"attestations":null}' }, UnavailableError, ''],
  ])('%j is an error and never "none"', async (answered, kind, hint) => {
    const asked = ask([[{ method: 'GET', path }, answered]])
    await expect(asked).rejects.toThrow(kind)
    const error: unknown = await asked.catch((reason: unknown) => reason)
    expect(error instanceof LadingError ? (error.hint ?? '') : undefined).toContain(hint)
  })

  test('GitHub out of reach is an error, and says what else can be asked', async () => {
    const asked = githubEvidence(subject, {
      transport,
      // Nothing listens on port 1.
      api: new URL('http://127.0.0.1:1'),
      token: undefined,
      owner: 'me',
      budget: new EvidenceBudget(),
    })
    await expect(asked).rejects.toThrow(UnavailableError)
    await expect(asked).rejects.toMatchObject({ hint: 'To look where the image is alone: --from registry' })
  })

  test('a second page that fails is an error too', async () => {
    const asked = ask([
      answer(path, [{ bundle: {} }], { link: '<{origin}/next>; rel="next"' }),
      [
        { method: 'GET', path: '/next' },
        { status: 403, headers: { 'x-ratelimit-remaining': '0' } },
      ],
    ])
    await expect(asked).rejects.toThrow(RateLimitedError)
  })

  test('a next page at another host is refused', async () => {
    const asked = ask([answer(path, [], { link: '<https://elsewhere.example/>; rel="next"' })])
    await expect(asked).rejects.toThrow('another host')
  })

  test('pages that go in a circle end in an error', async () => {
    const next = { link: '<{origin}/next>; rel="next"' }
    const asked = ask([answer(path, [], next), answer('/next', [], next)])
    await expect(asked).rejects.toThrow('circle')
  })

  test('more than are looked at end in an error', async () => {
    const many = Array.from({ length: 1001 }, () => ({ bundle: {} }))
    await expect(ask([answer(path, many)])).rejects.toThrow(LimitExceededError)
  })

  test('no attestation in a list is none', async () => {
    expect(await ask([answer(path, [])])).toEqual([])
  })

  function ask(
    exchanges: readonly ScriptedExchange[],
    { owner = 'me/app', token }: { readonly owner?: string; readonly token?: string } = {},
  ): Promise<readonly Evidence[]> {
    const authorization = token === undefined ? null : `Bearer ${token}`
    const script = exchanges.map(([request, answered]): ScriptedExchange => [
      { ...request, headers: { authorization } },
      answered,
    ])
    return withScriptedServer(script, (server: ScriptedServer) =>
      githubEvidence(subject, {
        transport,
        api: new URL(server.origin),
        token,
        owner,
        budget: new EvidenceBudget(),
      }),
    )
  }
})

function answer(
  at: string,
  attestations: readonly unknown[],
  headers: Readonly<Record<string, string>> = {},
): ScriptedExchange {
  return [
    { method: 'GET', path: at },
    { headers, body: JSON.stringify({ attestations }) },
  ]
}

/** Text of at most 60 characters as Snappy. */
function literal(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length, (text.length - 1) << 2]), Buffer.from(text)])
}
