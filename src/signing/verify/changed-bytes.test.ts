import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pathsIn, setAt, valueAt } from '../../../test/fixtures/json-path.ts'
import {
  exampleIdentity,
  exampleIssuer,
  type SignOptions,
  sigstoreInstance,
  statementAbout,
} from '../../../test/fixtures/sigstore/sigstore-instance.ts'
import { digestHex, digestOf } from '../../oci/index.ts'
import { NotVerifiedError } from '../errors.ts'
import { readTrustedRoots } from '../trust/read-trusted-roots.ts'
import type { SignerPolicy } from '../types.ts'
import { verifyBundle } from './verify-bundle.ts'

const instance = sigstoreInstance()
const trust = readTrustedRoots([{ name: 'own', bytes: Buffer.from(JSON.stringify(instance.trustedRoot)) }])
const bytes = Buffer.from('what is signed')
const digest = digestOf(bytes)
const statement = statementAbout({ sha256: digestHex(digest) })
const policy: SignerPolicy = {
  kind: 'identity',
  identity: { exact: exampleIdentity },
  issuer: { exact: exampleIssuer },
}

/** One of each kind that there is. */
const kinds: readonly (readonly [name: string, options: SignOptions])[] = [
  ['bytes in Rekor v1', { content: { bytes }, time: 'both' }],
  ['bytes in Rekor v2', { content: { bytes }, logged: 'hashedrekord 0.0.2', time: 'authority' }],
  ['a statement in Rekor v1', { content: { statement }, time: 'both' }],
  ['a statement as intoto', { content: { statement }, logged: 'intoto 0.0.2' }],
  ['a statement in Rekor v2', { content: { statement }, logged: 'dsse 0.0.2', time: 'authority' }],
]

/** What bytes are changed to: overwritten, cut out, put in twice, or cut off. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  length: fc.nat(24),
  by: fc.oneof(fc.uint8Array({ maxLength: 24 }), fc.constantFrom('twice', 'cut off')),
})
const edits = fc.array(edit, { minLength: 1, maxLength: 3 })

describe.each(kinds)('a bundle of %s is verified or not, and nothing else,', (_, options) => {
  const valid = instance.sign(options)
  const text = Buffer.from(JSON.stringify(valid))

  test('whatever bytes of its JSON are others', async () => {
    await fc.assert(
      fc.asyncProperty(edits, async (made) => {
        const bundle = parsed(made.reduce(edited, text))
        expect(await answerTo(bundle)).toMatch(/^(?:no|verified)$/)
      }),
      { numRuns: 150 },
    )
  })

  test('whatever bytes are others of its certificate, timestamp, checkpoint, entry, envelope and signature', async () => {
    const fields = pathsIn(valid).filter((path) => textAt(valid, path).length > 40)
    expect(fields.length).toBeGreaterThan(4)
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...fields), edits, async (path, made) => {
        const bundle = structuredClone(valid)
        const before = textAt(valid, path)
        // A checkpoint is text, all else is bytes as base64.
        const encoding = path.endsWith('.envelope') ? 'utf8' : 'base64'
        const after = made.reduce(edited, Buffer.from(before, encoding))
        setAt(bundle, path, after.toString(encoding))
        expect(await answerTo(bundle)).toMatch(/^(?:no|verified)$/)
      }),
      { numRuns: 300 },
    )
  })

  test('as it stands it is verified', async () => {
    expect(await answerTo(parsed(text))).toBe('verified')
  })
})

interface Edit {
  readonly at: number
  readonly length: number
  readonly by: Uint8Array | string
}

function edited(before: Buffer, { at, length, by }: Edit): Buffer {
  const start = Math.floor(at * before.length)
  const [head, cut, tail] = [
    before.subarray(0, start),
    before.subarray(start, start + length),
    before.subarray(start + length),
  ]
  if (by === 'cut off') return head
  if (by === 'twice') return Buffer.concat([head, cut, cut, tail])
  return Buffer.concat([head, Buffer.from(by), tail])
}

function textAt(bundle: unknown, path: string): string {
  const value = valueAt(bundle, path)
  return typeof value === 'string' ? value : ''
}

/** As a file of it would be read; what is not JSON stands for itself. */
function parsed(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString())
  } catch {
    return json.toString()
  }
}

async function answerTo(bundle: unknown): Promise<'verified' | 'no'> {
  try {
    await verifyBundle(bundle, { digests: [digest] }, policy, trust)
    return 'verified'
  } catch (error) {
    if (error instanceof NotVerifiedError) return 'no'
    throw error
  }
}
