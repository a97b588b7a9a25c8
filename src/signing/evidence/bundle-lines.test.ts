import { expect, test } from 'vitest'
import { LimitExceededError } from '../../content/index.ts'
import { digestOf } from '../../oci/index.ts'
import { BundleFileError, bundleLines } from './bundle-lines.ts'
import { EvidenceBudget, mostEvidence } from './evidence-budget.ts'
import type { Evidence } from './evidence.ts'

const subjects = [digestOf(Buffer.from('image'))]

test('a file of one bundle may be laid out in lines', () => {
  expect(read('{\n  "mediaType": "x"\n}\n')).toEqual([found(1, { mediaType: 'x' })])
})

test('each line that is not blank is a bundle', () => {
  expect(read('{"a":1}\r\n\n  \n{"b":2}')).toEqual([found(1, { a: 1 }), found(4, { b: 2 })])
})

test.each([
  ['nothing', '', 'it is empty'],
  ['blank lines', '\n \n', 'it is empty'],
  ['an array', '[{}]', 'line 1 is not a JSON object'],
  ['a line that is cut off', '{"a":1}\n{"b":', 'line 2 is not a JSON object'],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'line 1 is not a JSON object'],
])('%s is refused', (_, content, reason) => {
  expect(() => read(content)).toThrow(BundleFileError)
  expect(() => read(content)).toThrow(reason)
})

test('more bundles than are looked at are refused, not left out', () => {
  expect(read('{}\n'.repeat(mostEvidence))).toHaveLength(mostEvidence)
  expect(() => read('{}\n'.repeat(mostEvidence + 1))).toThrow(LimitExceededError)
})

function read(content: string | Buffer): readonly Evidence[] {
  return bundleLines(Buffer.from(content), { path: 'f.jsonl', subjects, budget: new EvidenceBudget() })
}

function found(line: number, bundle: unknown): Evidence {
  return { place: { kind: 'file', path: 'f.jsonl', line }, subjects, content: { kind: 'bundle', bundle } }
}
