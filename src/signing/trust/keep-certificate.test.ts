import { expect, test } from 'vitest'
import { sigstoreInstance } from '../../../test/fixtures/sigstore/sigstore-instance.ts'
import { type EngineCertificate, keepCertificate } from './keep-certificate.ts'
import { readTrustedRoots } from './read-trusted-roots.ts'
import { TrustMaterial } from './trust-material.ts'

test('a kept certificate gives the answers that it gave before, each time and whoever is asked about first', () => {
  const plain = certificates()
  const kept = plain.map((each) => each.clone())
  for (const each of kept) keepCertificate(each)
  const expected = plain.map((one) => plain.map((other) => one.verify(other)))
  expect(new Set(expected.flat())).toEqual(new Set([true, false]))
  for (let round = 0; round < 2; round += 1) {
    expect(kept.map((one) => kept.map((other) => one.verify(other)))).toEqual(expected)
    expect(kept.map((one) => one.verify())).toEqual(plain.map((one) => one.verify()))
    expect(kept.map((one) => one['root'].toDER())).toEqual(plain.map((one) => one['root'].toDER()))
    expect(kept.map((one) => one.tbsCertificate.toDER())).toEqual(
      plain.map((one) => one.tbsCertificate.toDER()),
    )
  }
})

/** The authorities of two instances that have nothing to do with each other, read anew. */
function certificates(): EngineCertificate[] {
  const files = ['one', 'other'].map((name) => ({
    name,
    bytes: Buffer.from(JSON.stringify(sigstoreInstance().trustedRoot)),
  }))
  return TrustMaterial.roots(readTrustedRoots(files)).flatMap(({ engine }) =>
    engine.certificateAuthorities.flatMap(({ certChain }) => certChain.map((each) => each.clone())),
  )
}
