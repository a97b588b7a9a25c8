import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { digestOf } from '../../oci/index.ts'
import { applyEdits } from '../apply-edits.ts'
import { findIn } from '../../../test/fixtures/describe-occurrences.ts'
import { composeFinder } from '../finders/compose.ts'
import { childOf, itemsOf, textOf } from './navigate.ts'
import { readYaml } from './read-yaml.ts'
import type { YamlNode } from './yaml-node.ts'

function only(text: string): YamlNode | undefined {
  const yaml = readYaml(text)
  if (yaml.kind === 'broken') throw new Error(yaml.message)
  return yaml.documents[0]
}

describe('readYaml()', () => {
  it.each([
    ['a: 1.20', '1.20'],
    ['a: 0x10', '0x10'],
    ['a: yes', 'yes'],
    ['a: ~', '~'],
    ['a:', ''],
    ['a: !!str 3.10', '3.10'],
    ["\"a\": 'it''s'", "it's"],
    ['a: "x\\ty"', 'x\ty'],
    ['a: b\n  c', 'b c'],
    ['\uFEFFa: b', 'b'],
    ['x: &x {a: 1}\n<<: *x', '1'],
    ['x: &x {a: 1}\ny: &y {a: 2}\n<<: [*y, *x]', '2'],
    ['x: &x {a: 1}\n<<: *x\na: 3', '3'],
    ['x: &x 1\ny: &x 2\na: *x', '2'],
  ])('takes texts from the source: %j', (text, expected) => {
    expect(textOf(childOf(only(text), 'a'))).toBe(expected)
  })

  it.each([
    ['a: b # c', 'b'],
    ["a: 'b'", 'b'],
    ['a: "b"', 'b'],
    ['a: "\\x62"', undefined],
    ["a: 'b''c'", undefined],
    ['a: |\n  b\n', 'b'],
    ['a: >-\n    b\n\n', 'b'],
    ['a: |\n  b\n  c\n', undefined],
    ['a: b\n  c', undefined],
    ['a: &x b', 'b'],
    ['a: !!str b', 'b'],
    ['é: 🚢\na: b', 'b'],
  ])('knows where a text stands as it is: %j', (text, expected) => {
    const node = childOf(only(text), 'a')
    const verbatim = node?.kind === 'scalar' ? node.verbatim : undefined
    expect(verbatim && text.slice(verbatim.start, verbatim.end)).toBe(expected)
  })

  it('reads lists and leaves empty documents out', () => {
    const yaml = readYaml('---\n---\n- a\n- [b, *x]\n'.replace('*x', 'c'))
    expect(yaml.kind === 'read' && yaml.documents.flatMap((one) => itemsOf(one).map(textOf))).toStrictEqual([
      'a',
      undefined,
    ])
  })
})

it('an edit gives the same document but for the value, however it is written', async () => {
  const indent = fc.constantFrom(2, 4, 7)
  const ending = fc.constantFrom('\n', '\r\n')
  const style = fc.constantFrom(
    'a:1',
    '"a:1"',
    "'a:1'",
    '>-\n~~a:1',
    '|-\n~~a:1',
    '&x a:1',
    '"${X:-a:1}"',
    '!!str a:1',
  )
  const comment = fc.constantFrom('', ' # a:1', ' # ä🚢')
  const name = fc.constantFrom('web', '"a b"', 'ä', "'it''s'")
  const shape = fc.record({ indent, ending, style, comment, name })
  const digest = digestOf(Buffer.from('an index'))
  await fc.assert(
    fc.asyncProperty(shape, async (one) => {
      const pad = ' '.repeat(one.indent)
      const isBlock = /^[|>]/.test(one.style)
      const value = one.style.replace('~~', pad.repeat(3)) + (isBlock ? '' : one.comment)
      const text = `${one.comment}\nservices:\n${pad}${one.name}:\n${pad}${pad}image: ${value}\n${pad}${pad}x: [a, 1.20]\n`
      const source = text.replaceAll('\n', one.ending)
      const findings = await findIn(composeFinder, 'compose.yaml', { 'compose.yaml': source })
      const edits = (findings?.occurrences ?? []).map(({ edit }) => ({ edit, digest }))
      expect(edits.map(({ edit }) => edit.kind)).toStrictEqual(['reference'])
      const bytes = Buffer.from(source)
      const edited = Buffer.from(
        applyEdits({ file: 'compose.yaml', bytes, digest: digestOf(bytes) }, edits),
      ).toString()
      const before: unknown = parseDocument(source).toJS()
      const after: unknown = parseDocument(edited).toJS()
      expect(JSON.parse(JSON.stringify(after).replaceAll(`@${digest}`, ''))).toStrictEqual(before)
      expect(edited.replace(`@${digest}`, '')).toBe(source)
    }),
  )
})
