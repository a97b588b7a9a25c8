import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { simpleSigningPayload } from '../../../test/fixtures/signed-image.ts'
import { githubSigner } from '../../../test/fixtures/sigstore/signer.ts'
import { cosignAnnotations } from '../../../test/fixtures/sigstore/cosign-annotations.ts'
import { sigstoreInstance } from '../../../test/fixtures/sigstore/sigstore-instance.ts'
import { digestOf } from '../../oci/index.ts'
import { readTrustedRoots } from '../trust/read-trusted-roots.ts'
import { verifyEvidence } from '../verify-evidence.ts'
import { cosignBundle } from './cosign-bundle.ts'
import type { Evidence } from './evidence.ts'

const instance = sigstoreInstance()
const signer = githubSigner('me/app')
const subject = digestOf(Buffer.from('image'))
const payload = simpleSigningPayload(subject)
const annotations = cosignAnnotations(instance, instance.sign({ ...signer, content: { bytes: payload } }))
const original = cosignBundle(annotations, { kind: 'payload', payload })
const trust = readTrustedRoots([{ name: 'test', bytes: Buffer.from(JSON.stringify(instance.trustedRoot)) }])

test("cosign's older signature is worth nothing once a character of it is another", async () => {
  expect(await isVerified(annotations, payload)).toBe(true)
  const names = Object.keys(annotations)
  const change = fc.record({
    name: fc.constantFrom('the payload', ...names),
    at: fc.nat(),
    by: fc.constantFrom('', 'A', 'b', '0', '9', '=', '"', '}', '\n', '\\u0041', 'é'),
  })
  await fc.assert(
    fc.asyncProperty(change, async ({ name, at, by }) => {
      const changed = { ...annotations }
      let bytes = payload
      if (name === 'the payload') bytes = Buffer.from(replaced(payload.toString(), at, by))
      else changed[name] = replaced(annotations[name] ?? '', at, by)
      // The bundle is all that is verified: a change that does not reach it, as one in the chain or a blank in PEM, says nothing.
      const isSame =
        bytes.equals(payload) &&
        isDeepStrictEqual(cosignBundle(changed, { kind: 'payload', payload: bytes }), original)
      expect(await isVerified(changed, bytes)).toBe(isSame)
    }),
    { numRuns: 400, seed: 20_260_101 },
  )
})

function replaced(text: string, at: number, by: string): string {
  const index = at % text.length
  return text.slice(0, index) + by + text.slice(index + 1)
}

async function isVerified(given: Readonly<Record<string, string>>, bytes: Buffer): Promise<boolean> {
  const bundle = cosignBundle(given, { kind: 'payload', payload: bytes })
  if (typeof bundle === 'string') return false
  const evidence: Evidence = {
    place: { kind: 'file', path: 'f', line: 1 },
    subjects: [subject],
    content: { kind: 'simple-signing', bundle, payload: bytes },
  }
  const identity = { exact: signer.identity }
  const issuer = { exact: 'https://token.actions.githubusercontent.com' }
  const verdict = await verifyEvidence([evidence], { signer: { kind: 'identity', identity, issuer } }, trust)
  return verdict.satisfied !== undefined
}
