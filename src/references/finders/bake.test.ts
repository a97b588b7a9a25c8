import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FileFindings } from '../occurrence.ts'
import { bakeFinder } from './bake.ts'

type Files = Readonly<Record<string, string>>

async function findIn(files: Files, file = 'docker-bake.hcl'): Promise<FileFindings> {
  const findings = await bakeFinder.find({
    file,
    text: files[file] ?? '',
    isExact: true,
    files: { read: async (path) => (files[path] === undefined ? undefined : Buffer.from(files[path])) },
    customResources: [],
  })
  if (findings === undefined) throw new Error('it is a Bake file')
  return findings
}

/** `place = image`, and what would be edited; checks that it is the image, byte for byte. */
async function describeAll(files: Files, file?: string): Promise<readonly string[]> {
  const { occurrences } = await findIn(files, file)
  return occurrences.map(({ file: own, place, target, edit, range, text }) => {
    const bytes = Buffer.from(files[own] ?? '')
    expect(bytes.subarray(range.start, range.end).toString()).toBe(text)
    if (target.kind !== 'image') return `${place} = ${target.kind}: ${target.reason}`
    const shown = `${place} = ${target.reference.familiar}`
    if (edit.kind !== 'reference') return `${shown} (${edit.kind === 'none' ? edit.reason : edit.kind})`
    const edited = Buffer.from(files[edit.file] ?? '').subarray(edit.range.start, edit.range.end)
    expect(edited.toString()).toBe(target.reference.familiar)
    return `${shown} at ${edit.file === 'docker-bake.hcl' ? '' : `${edit.file}:`}${edit.range.line}:${edit.range.column}`
  })
}

async function inHcl(text: string, files: Files = {}): Promise<readonly string[]> {
  return describeAll({ ...files, 'docker-bake.hcl': text })
}

describe('bakeFinder: contexts', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'an image',
      'target "a" { contexts = { x = "docker-image://b:1" } }',
      ['target.a.contexts.x = b:1 at 1:47'],
    ],
    [
      'behind comments and wide characters',
      '# ä 😀\n// x\n/* y\n*/ target "a" {\n  contexts = {\n    x = "docker-image://b:1" # z\n  }\n}\n',
      ['target.a.contexts.x = b:1 at 6:25'],
    ],
    [
      'keys in quotes, with colons and commas',
      'target "a" { contexts = { "x": "docker-image://b", y = "." } }',
      ['target.a.contexts.x = b at 1:48'],
    ],
    ['what is none', 'target "a" { contexts = { x = "target:b", y = "../z", w = "oci-layout://q" } }', []],
    [
      'what is fetched',
      'target "a" { contexts = { x = "https://a.io/b.git" } }',
      [
        'target.a.contexts.x = unlockable: it is a git repository; a commit behind it (#<commit>) would hold it',
      ],
    ],
    [
      'a variable that is the image',
      'variable "I" { default = "b:1" }\ntarget "a" { contexts = { x = "docker-image://${I}" } }',
      ['target.a.contexts.x = b:1 at 1:27'],
    ],
    [
      'a variable that is more than the image',
      'variable "I" { default = "b:1" }\ntarget "a" {\n contexts = { x = "docker-image://${I}" }\n tags = ["${I}-x"]\n}',
      ['target.a.contexts.x = b:1 (I stands for more than the image)'],
    ],
    [
      'a variable within it',
      'variable "V" { default = 3 }\ntarget "a" { contexts = { x = "docker-image://b:${V}" } }',
      ['target.a.contexts.x = b:3 (it is put together with V)'],
    ],
    [
      'a variable without a default',
      'variable "V" {}\ntarget "a" { contexts = { x = "docker-image://b:${V}" } }',
      ['target.a.contexts.x = unresolved: the variable V has no default'],
    ],
    [
      'a variable that there is not',
      'target "a" { contexts = { x = "docker-image://b:${V}" } }',
      ['target.a.contexts.x = unresolved: there is no variable V'],
    ],
    [
      'a variable that needs itself',
      'A = "${B}"\nB = A\ntarget "a" { contexts = { x = A } }',
      ['target.a.contexts.x = unresolved: the variable A needs itself'],
    ],
    [
      'a function',
      'target "a" { contexts = { x = "docker-image://${lower("B")}" } }',
      ['target.a.contexts.x = unresolved: the function lower computes it'],
    ],
    [
      'a condition',
      'target "a" {\n contexts = {\n x = D == "" ? "docker-image://b" : "."\n }\n}',
      ['target.a.contexts.x = unresolved: a condition computes it'],
    ],
    [
      'a map that a function makes',
      'target "a" { contexts = merge(x, { y = "docker-image://b" }) }',
      ['target.a.contexts = unresolved: the function merge computes it'],
    ],
    ['what is known to be no image', 'target "a" { contexts = { x = "./${V}" } }', []],
    [
      'an escaped dollar',
      'target "a" { contexts = { x = "docker-image://$${b}" } }',
      [
        'target.a.contexts.x = unresolved: cannot read image reference "${b}": the repository name "${b}" must not hold "$"',
      ],
    ],
  ])('%s', async (_, text, expected) => {
    expect(await inHcl(text)).toEqual(expected)
  })

  it('inherits them, and says them once, where they are written', async () => {
    const text = 'target "a" { contexts = { x = "docker-image://b" } }\ntarget "c" { inherits = ["a"] }\n'
    expect(await inHcl(text)).toEqual(['target.a.contexts.x = b at 1:47'])
  })
})

describe('bakeFinder: arguments that choose an image', () => {
  const dockerfile = 'ARG I=x:1\nARG V=1\nFROM ${I} AS a\nFROM b:${V}\n'

  it.each<[string, string, readonly string[]]>([
    ['the whole image', 'target "t" { args = { I = "y:2" } }', ['target.t.args.I = y:2 at 1:28']],
    ['a tag', 'target "t" { args = { V = "2" } }', ['target.t.args.V = b:2 (it is put together)']],
    ['none of them', 'target "t" { args = { OTHER = "y:2" } }', []],
    ['null is none', 'target "t" { args = { I = null } }', []],
    [
      'what is not known',
      'target "t" { args = { V = f() } }',
      ['target.t.args.V = unresolved: the function f computes it'],
    ],
    [
      'of a matrix',
      'target "t" {\n name = "t-${v}"\n matrix = { v = ["1", "2"] }\n args = { V = v }\n}',
      ['target.t.args.V:b:1 = b:1 (it is put together)', 'target.t.args.V:b:2 = b:2 (it is put together)'],
    ],
    [
      'of the objects of a matrix',
      'target "t" {\n matrix = { m = [{ i = "y:1" }, { i = "y:2" }] }\n args = { I = m.i }\n}',
      ['target.t.args.I:y:1 = y:1 at 2:25', 'target.t.args.I:y:2 = y:2 at 2:40'],
    ],
    [
      'inherited',
      'target "p" { args = { I = "y:2" } }\ntarget "t" {\n inherits = ["p"]\n args = { V = "3" }\n}',
      ['target.p.args.I = y:2 at 1:28', 'target.t.args.V = b:3 (it is put together)'],
    ],
    [
      'targets that inherit from each other',
      'target "p" { inherits = ["t"] }\ntarget "t" { inherits = ["p"] }',
      [],
    ],
  ])('%s', async (_, text, expected) => {
    expect(await inHcl(text, { Dockerfile: dockerfile })).toEqual(expected)
  })

  it('reads the Dockerfile where the target says it is', async () => {
    const files = { 'docker/b/x.Dockerfile': dockerfile, Dockerfile: 'FROM ${Q}' }
    const text =
      'target "t" { context = "./docker/a/.."\n dockerfile = "b/x.Dockerfile"\n args = { I = "y:2" } }'
    expect(await inHcl(text, files)).toEqual(['target.t.args.I = y:2 at 3:16'])
    expect(await inHcl('target "t" { context = ".."\n args = { I = "y:2" } }', files)).toEqual([])
  })

  it('is not pinned where another build makes a part of a name of it', async () => {
    const files = { Dockerfile: 'ARG I\nFROM $I', D2: 'ARG I\nFROM $I-slim' }
    const text = 'target "p" { args = { I = "y:2" } }\ntarget "t" { inherits = ["p"]\n dockerfile = "D2" }'
    expect(await inHcl(text, files)).toEqual([
      'target.p.args.I:y:2 = y:2 (it is a part of another name too)',
      'target.p.args.I:y:2-slim = y:2-slim (it is put together)',
    ])
  })
})

describe('bakeFinder: inline Dockerfiles', () => {
  it('finds their images where they stand', async () => {
    const text =
      'target "t" {\n  dockerfile-inline = <<-EOT\n    # ä\n    FROM b:1 AS x\n\n    FROM c\n      EOT\n  args = {}\n}\n'
    expect(await inHcl(text)).toEqual([
      'target.t.dockerfile-inline#FROM:x = b:1 at 4:10',
      'target.t.dockerfile-inline#FROM:c = c at 6:10',
    ])
  })

  it('finds them in a string with escapes', async () => {
    const text = String.raw`target "t" { dockerfile-inline = "FROM b:1\nRUN x" }`
    expect(await inHcl(text)).toEqual(['target.t.dockerfile-inline#FROM:b = b:1 at 1:40'])
  })

  it('puts variables in', async () => {
    const text = 'V = "1"\ntarget "t" {\n dockerfile-inline = <<EOT\nFROM b:${V}\nEOT\n}\n'
    expect(await inHcl(text)).toEqual(['target.t.dockerfile-inline#FROM:b = b:1 (it is put together with V)'])
  })

  it('tells what is wrong in them', async () => {
    const { problems } = await findIn({
      'docker-bake.hcl': 'target "t" {\n dockerfile-inline = "FRM b"\n}\n',
    })
    expect(problems).toEqual([
      {
        file: 'docker-bake.hcl',
        line: 2,
        column: 22,
        message: 'target.t.dockerfile-inline, line 1 of it: there is no instruction "FRM"',
        hint: 'Did you mean FROM?',
      },
    ])
  })
})

describe('bakeFinder: files', () => {
  it.each([
    ['docker-bake.hcl', true],
    ['a/docker-bake.override.json', true],
    ['bake.hcl', true],
    ['ci.bake.hcl', true],
    ['docker-bake.json', true],
    ['main.hcl', false],
    ['docker-bake.yaml', false],
    ['bakery.hcl', false],
  ])('%s: %s', (name, expected) => {
    expect(bakeFinder.mayBe(name)).toBe(expected)
  })

  it('reads JSON, whose strings are templates too', async () => {
    const json = JSON.stringify(
      {
        variable: { I: { default: 'b:1' } },
        group: { default: { targets: ['t'] } },
        target: { t: [{ contexts: { x: 'docker-image://${I}', y: 'docker-image://c' } }] },
      },
      undefined,
      1,
    )
    expect(await describeAll({ 'docker-bake.json': json }, 'docker-bake.json')).toEqual([
      'target.t.contexts.x = b:1 at docker-bake.json:4:16',
      'target.t.contexts.y = c at docker-bake.json:19:27',
    ])
  })

  it('reads the files together that Bake reads together, and tells of each what stands in it', async () => {
    const files = {
      'x/docker-bake.hcl':
        'variable "I" { default = "b:1" }\ntarget "t" { contexts = { y = "docker-image://c" } }',
      'x/docker-bake.override.hcl': 'target "t" { contexts = { x = "docker-image://${I}" } }',
    }
    expect(await describeAll(files, 'x/docker-bake.override.hcl')).toEqual([
      'target.t.contexts.x = b:1 at x/docker-bake.hcl:1:27',
    ])
    expect(await describeAll(files, 'x/docker-bake.hcl')).toEqual([
      'target.t.contexts.y = c at x/docker-bake.hcl:2:47',
    ])
  })

  it.each([
    ['target "a" {\n x = "b\n}', 2, 6, 'the string is not closed'],
    ['target "a" {\n x = <<E\n b\n}', 2, 6, 'the heredoc <<E is not closed'],
    ['target "a" {\n x = 1\n', 1, 1, 'the block target is not closed'],
    ['}', 1, 1, '"}" stands without "{"'],
    ['a b c', 1, 6, '"=" or "{" is missing behind a'],
    ['a = ', 1, 5, 'a value is missing'],
    ['a = [1', 1, 5, 'the list is not closed'],
    ['/* a', 1, 1, 'the comment is not closed'],
  ])('tells what is wrong in %j', async (text, line, column, message) => {
    const { problems } = await findIn({ 'docker-bake.hcl': text })
    expect(problems).toMatchObject([{ file: 'docker-bake.hcl', line, column, message }])
    expect(problems[0]?.hint).toBeDefined()
  })

  it('passes over functions, groups and blocks of other kinds', async () => {
    const text =
      'function "f" {\n params = [a]\n result = "${a}-x"\n}\ngroup "default" { targets = [for t in x : t] }\nother "x" y { z {} }\n'
    expect(await findIn({ 'docker-bake.hcl': text })).toEqual({ occurrences: [], problems: [] })
  })
})

const fragments = fc.constantFrom(
  'target "a" {',
  'variable "V" {',
  'contexts = {',
  'args = {',
  'default =',
  'x =',
  'V',
  '"',
  '"docker-image://',
  '${',
  '%{',
  '}',
  '}',
  '{',
  '[',
  ']',
  '(',
  ')',
  ',',
  '\n',
  ' ',
  '<<EOT\n',
  'EOT\n',
  '<<-',
  '?',
  ':',
  'for ',
  '\\',
  '#',
  '/*',
  '*/',
  '1',
  'inherits = ["a"]',
  'dockerfile-inline = ',
  'FROM a',
  'matrix = {',
  '$$',
  'ä',
  '😀',
  '~',
  '.',
  'null',
  'docker-image://b:1"',
)

describe('bakeFinder: laws', () => {
  it('answers whatever the file holds, and every place is the text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fragments, { maxLength: 50 }), async (parts) => {
        expect(await inHcl(parts.join(''))).toBeInstanceOf(Array)
      }),
      { numRuns: 1000 },
    )
  })

  it('ends soon with what is nested', async () => {
    const strings = `x = ${'"${'.repeat(40)}a${' + 1}"'.repeat(40)}`
    const doubled = Array.from(
      { length: 60 },
      (_, index) => `A${index + 1} = "\${A${index}}\${A${index}}"`,
    ).join('\n')
    const { problems } = await findIn({ 'docker-bake.hcl': strings })
    expect(problems[0]?.message).toMatch(/too deep/)
    expect(
      await inHcl(`A0 = "x"\n${doubled}\ntarget "t" { contexts = { x = "docker-image://\${A60}" } }`),
    ).toEqual(['target.t.contexts.x = unresolved: it is put together from too much'])
  })

  it('ends soon with many targets of a long Dockerfile, and says that it did not read all', async () => {
    const targets = Array.from({ length: 300 }, (_, index) => `target "t${index}" { args = { I = "b" } }`)
    const files = {
      'docker-bake.hcl': targets.join('\n'),
      Dockerfile: `ARG I\nFROM $I\n${'RUN x\n'.repeat(20_000)}`,
    }
    const { problems } = await findIn(files)
    expect(problems.map(({ message }) => message)).toEqual([
      'its targets are too many for what they are built with',
    ])
  })
})
