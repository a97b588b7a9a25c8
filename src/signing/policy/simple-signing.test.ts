import { expect, test } from 'vitest'
import { digestOf } from '../../oci/index.ts'
import { checkSimpleSigning } from './simple-signing.ts'

const subject = digestOf(Buffer.from('image'))
const other = digestOf(Buffer.from('other image'))
const type = 'cosign container image signature'

test('checkSimpleSigning() accepts the payload of an image, whatever else it says', () => {
  expect(check({ critical: payload(subject), optional: { a: 1 } })).toBeUndefined()
})

test.each([
  ['another image', 'artifact', { critical: payload(other) }],
  ['no image', 'artifact', { critical: { type } }],
  ['an image in the optional part alone', 'artifact', { critical: { type }, optional: payload(subject) }],
  ['another type', 'payload', { critical: { ...payload(subject), type: 'atomic container signature' } }],
  ['no type', 'payload', { critical: { image: payload(subject).image } }],
  ['nothing critical', 'payload', { image: payload(subject).image, type }],
  ['a list', 'payload', [payload(subject)]],
  ['null', 'payload', null],
])('checkSimpleSigning() refuses %s', (_, failed, document) => {
  expect(check(document)?.check).toBe(failed)
})

test('checkSimpleSigning() refuses what is not JSON', () => {
  expect(checkSimpleSigning(Buffer.from(subject), subject)?.check).toBe('payload')
})

function payload(digest: string): { readonly type: string; readonly image: unknown } {
  return { type, image: { 'docker-manifest-digest': digest } }
}

function check(document: unknown): ReturnType<typeof checkSimpleSigning> {
  return checkSimpleSigning(Buffer.from(JSON.stringify(document)), subject)
}
