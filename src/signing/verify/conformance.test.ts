import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import {
  conformanceMissing,
  conformanceNames,
  type ConformanceCase,
  readConformanceCase,
} from '../../../test/fixtures/sigstore-conformance.ts'
import { UsageError } from '../../errors/index.ts'
import { digestOf } from '../../oci/index.ts'
import { InvalidTrustRootError, NotVerifiedError } from '../errors.ts'
import { builtInTrust } from '../trust/built-in-trust.ts'
import { readTrustedRoots } from '../trust/read-trusted-roots.ts'
import type { Artifact, SignerPolicy, Verified } from '../types.ts'
import { verifyBundle } from './verify-bundle.ts'

test.skipIf(conformanceMissing === undefined)(`the suite is not run: ${conformanceMissing}`, () => {
  expect(conformanceNames()).toEqual([])
})

test.skipIf(conformanceMissing !== undefined)('the suite has all of its cases', () => {
  expect(conformanceNames()).toHaveLength(70)
})

for (const name of conformanceNames()) {
  test.each(['file', 'digest'] as const)(`${name}, by %s`, async (form) => {
    const one = await readConformanceCase(name)
    expect(await verdictOf(one, form)).toBe(one.mustFail ? 'no' : 'yes')
  })
}

/** A refused root, JSON that is none and a key that is none are answers too; anything else would be a crash. */
function isNo(error: unknown): boolean {
  return [NotVerifiedError, InvalidTrustRootError, SyntaxError, UsageError].some(
    (kind) => error instanceof kind,
  )
}

async function verdictOf(one: ConformanceCase, form: 'file' | 'digest'): Promise<'yes' | 'no'> {
  try {
    await answerOf(one, form)
    return 'yes'
  } catch (error) {
    if (isNo(error)) return 'no'
    throw error
  }
}

async function answerOf(one: ConformanceCase, form: 'file' | 'digest'): Promise<Verified> {
  const trust =
    one.trustedRootPath === undefined
      ? await builtInTrust()
      : readTrustedRoots([{ name: 'its own', bytes: await readFile(one.trustedRootPath) }])
  const policy: SignerPolicy =
    one.keyPath === undefined
      ? { kind: 'identity', identity: { exact: one.identity }, issuer: { exact: one.issuer } }
      : { kind: 'key', publicKeyPem: await readFile(one.keyPath, 'utf8') }
  const artifact: Artifact =
    form === 'file'
      ? { open: () => createReadStream(one.artifactPath) }
      : { digests: [digestOf(await readFile(one.artifactPath))] }
  return verifyBundle(JSON.parse(await readFile(one.bundlePath, 'utf8')), artifact, policy, trust)
}
