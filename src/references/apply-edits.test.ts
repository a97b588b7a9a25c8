import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Digest, digestOf } from '../oci/index.ts'
import { applyEdits, EditRefusedError, type WantedEdit } from './apply-edits.ts'
import type { EditSite, FileRange } from './occurrence.ts'

const first: Digest = digestOf(Buffer.from('first'))
const second: Digest = digestOf(Buffer.from('second'))

/** The place of a text in another one. */
function rangeOf(text: string, part: string, from = 0): FileRange {
  const at = text.indexOf(part, from)
  const start = Buffer.byteLength(text.slice(0, at))
  return { start, end: start + Buffer.byteLength(part), line: 1, column: 1 }
}

function reference(text: string, part: string, from = 0): EditSite {
  return { kind: 'reference', file: 'f', range: rangeOf(text, part, from) }
}

function edited(text: string, wanted: readonly WantedEdit[]): string {
  const bytes = Buffer.from(text)
  return Buffer.from(applyEdits({ file: 'f', bytes, digest: digestOf(bytes) }, wanted)).toString()
}

describe('applyEdits()', () => {
  it.each<[string, string, Omit<WantedEdit, 'edit'>, string]>([
    ['adds a digest', 'python:3.12', { digest: first }, `python:3.12@${first}`],
    ['replaces a digest', `python:3.12@${second}`, { digest: first }, `python:3.12@${first}`],
    ['takes a digest away', `python:3.12@${second}`, { digest: undefined }, 'python:3.12'],
    ['keeps how a name is written', 'docker.io/python', { digest: first }, `docker.io/python@${first}`],
    ['writes a tag', 'python', { tag: 'latest', digest: first }, `python:latest@${first}`],
    ['takes a port for no tag', 'a.io:5000/b', { tag: '2', digest: undefined }, 'a.io:5000/b:2'],
    ['replaces a tag', `a.io:5000/b:1@${first}`, { tag: '2', digest: second }, `a.io:5000/b:2@${second}`],
  ])('%s', (_, image, wanted, expected) => {
    const text = `# ä🚢\r\nimage: '${image}' # ${image}\r\n`
    const edit = reference(text, image)
    expect(edited(text, [{ edit, ...wanted }])).toBe(`# ä🚢\r\nimage: '${expected}' # ${image}\r\n`)
  })

  it('edits a place once that several want', () => {
    const text = 'ARG BASE=python:3'
    const wanted = { edit: reference(text, 'python:3'), digest: first }
    expect(edited(text, [wanted, wanted, wanted])).toBe(`ARG BASE=python:3@${first}`)
  })

  it('writes fields: a tag, a digest, and a line for a digest that is missing', () => {
    const text = 'a:\n  tag: "1"\n  digest: ""\nb:\n  tag: 2\n'
    const a = { kind: 'fields', file: 'f', tag: rangeOf(text, '1'), digest: emptyAt(text, '""\n') } as const
    const at = emptyAt(text, '2\n')
    const b = { kind: 'fields', file: 'f', insert: { at, before: '\n  digest: ', after: '' } } as const
    expect(
      edited(text, [
        { edit: b, digest: second },
        { edit: a, tag: '1.1', digest: first },
      ]),
    ).toBe(`a:\n  tag: "1.1"\n  digest: "${first}"\nb:\n  tag: 2\n  digest: ${second}\n`)
  })

  it('leaves a field empty when a digest is taken away', () => {
    const text = `digest: ${first}\n`
    const edit = { kind: 'fields', file: 'f', digest: rangeOf(text, first) } as const
    expect(edited(text, [{ edit, digest: undefined }])).toBe('digest: ""\n')
  })

  it('refuses a file that changed since it was read', () => {
    const edit = reference('python:3', 'python:3')
    const file = { file: 'f', bytes: Buffer.from('python:4'), digest: digestOf(Buffer.from('python:3')) }
    expect(() => applyEdits(file, [{ edit, digest: first }])).toThrow(EditRefusedError)
  })

  it.each<[string, (text: string) => readonly WantedEdit[]]>([
    [
      'two digests in one place',
      (text) => [
        { edit: reference(text, 'python:3'), digest: first },
        { edit: reference(text, 'python:3'), digest: second },
      ],
    ],
    [
      'places that overlap',
      (text) => [
        { edit: reference(text, 'python:3'), digest: first },
        { edit: reference(text, 'python'), digest: first },
      ],
    ],
    ['what cannot be edited', () => [{ edit: { kind: 'none', reason: 'no' }, digest: first }]],
    ['another file', (text) => [{ edit: { ...reference(text, 'python:3'), file: 'g' }, digest: first }]],
    ['what names no image', (text) => [{ edit: reference(text, 'FROM '), digest: first }]],
  ])('refuses %s', (_, wanted) => {
    const text = 'FROM python:3'
    expect(() => edited(text, wanted(text))).toThrow(EditRefusedError)
  })

  it('changes nothing but the value, nothing the second time, and everything back', () => {
    const around = fc.string({ unit: 'grapheme', maxLength: 20 })
    const image = fc.constantFrom('a', 'a:1', 'b.io:5000/c', 'b.io/c/d:x-1')
    fc.assert(
      fc.property(around, image, around, (before, name, after) => {
        const text = `${before}|${name}|${after}`
        const from = before.length
        const pinned = edited(text, [{ edit: reference(text, name, from), digest: first }])
        expect(pinned).toBe(`${before}|${name}@${first}|${after}`)
        const again = [{ edit: reference(pinned, `${name}@${first}`, from), digest: first }]
        expect(edited(pinned, again)).toBe(pinned)
        expect(edited(pinned, [{ ...again[0], edit: again[0]?.edit ?? none, digest: undefined }])).toBe(text)
      }),
    )
  })
})

const none: EditSite = { kind: 'none', reason: 'it is not there' }

/** The place between the quotes of `""`, or behind the first character of another text. */
function emptyAt(text: string, part: string): FileRange {
  const { start } = rangeOf(text, part)
  return { start: start + 1, end: start + 1, line: 1, column: 1 }
}
