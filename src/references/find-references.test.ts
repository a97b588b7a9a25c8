import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeMonorepo } from '../../test/fixtures/projects/monorepo.ts'
import { digestOf } from '../oci/index.ts'
import { applyEdits } from './apply-edits.ts'
import { findReferences, ProjectUnreadableError } from './find-references.ts'
import { FindingsCache } from './search/findings-cache.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lading-references-'))
})

afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
}

const compose = 'services:\n  a:\n    image: a:1\n'
const pod = 'apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: c\n      image: b:2\n'

/** The files in which images were found. */
async function filesFound(options: Parameters<typeof findReferences>[1] = {}): Promise<readonly string[]> {
  const { occurrences } = await findReferences(root, options)
  return [...new Set(occurrences.map(({ file }) => file))]
}

describe('findReferences(): which files', () => {
  it('finds files by name and content, sorted', async () => {
    await write({
      'compose.yaml': compose,
      'deploy/b.yaml': pod,
      'deploy/a.yaml': pod,
      Dockerfile: 'FROM a\n',
      'notes.yaml': 'image: a\n',
      'readme.md': compose,
    })
    expect(await filesFound()).toStrictEqual(['Dockerfile', 'compose.yaml', 'deploy/a.yaml', 'deploy/b.yaml'])
  })

  it('is not held up by rules of many wildcards', async () => {
    const name = 'a'.repeat(200)
    await write({ '.gitignore': `${'*a'.repeat(12)}b.yaml\n`, [`${name}.yaml`]: pod })
    expect(await filesFound({ ignoreFiles: [`${'*a'.repeat(12)}b`] })).toStrictEqual([`${name}.yaml`])
    expect(await filesFound({ include: [`${'*a'.repeat(12)}b`] })).toStrictEqual([`${name}.yaml`])
  })

  it('finds images behind byte order marks', async () => {
    const marked = `\uFEFF${pod}`
    await write({
      'utf8.yaml': marked,
      'utf16le.yaml': Buffer.from(marked, 'utf16le'),
      'utf16be.yaml': Buffer.from(marked, 'utf16le').swap16(),
    })
    expect(await filesFound()).toStrictEqual(['utf16be.yaml', 'utf16le.yaml', 'utf8.yaml'])
  })

  it('refuses lists of objects that aliases multiply', async () => {
    const lists = Array.from(
      { length: 7 },
      (_, level) =>
        `x${level + 1}: &x${level + 1} {apiVersion: v1, kind: List, items: [${`*x${level}, `.repeat(20)}]}`,
    )
    const object = 'x0: &x0 {apiVersion: v1, kind: Pod}'
    await write({ 'a.yaml': ['apiVersion: v1', 'kind: List', object, ...lists, 'items: [*x7]'].join('\n') })
    expect((await findReferences(root)).problems).toMatchObject([
      { message: 'it has more than 100000 objects' },
    ])
  })

  it('does not expand a .env beyond all measure', async () => {
    const doubled = Array.from({ length: 60 }, (_, index) => `A${index + 1}=\${A${index}}\${A${index}}`)
    await write({
      '.env': ['A0=xxxxxxxxxx', ...doubled].join('\n'),
      'compose.yaml': 'services: {a: {image: "r/${A60}"}}\n',
    })
    expect((await findReferences(root)).occurrences).toMatchObject([{ target: { kind: 'unresolved' } }])
  })

  it('leaves out what git leaves out, in every folder', async () => {
    await write({
      '.gitignore': 'build/\n/only-here.yaml\n*.tmp.yaml\n',
      '.git/info/exclude': 'private.yaml\n',
      '.git/compose.yaml': compose,
      'build/compose.yaml': compose,
      'sub/build/compose.yaml': compose,
      'only-here.yaml': pod,
      'sub/only-here.yaml': pod,
      'sub/x.tmp.yaml': pod,
      'sub/private.yaml': pod,
      'sub/.gitignore': '!x.keep.tmp.yaml\ngone.yaml\n',
      'sub/x.keep.tmp.yaml': pod,
      'sub/gone.yaml': pod,
      'gone.yaml': pod,
    })
    expect(await filesFound()).toStrictEqual(['gone.yaml', 'sub/only-here.yaml', 'sub/x.keep.tmp.yaml'])
  })

  it('heeds the rules of the repository above the project', async () => {
    await write({ '.git/HEAD': '', '.gitignore': '/project/out/\n', 'project/.gitignore': 'x/\n' })
    await write({ 'project/out/compose.yaml': compose, 'project/x/compose.yaml': compose })
    await write({ 'project/compose.yaml': compose, 'compose.yaml': compose })
    const { occurrences } = await findReferences(join(root, 'project'))
    expect(occurrences.map(({ file }) => file)).toStrictEqual(['compose.yaml'])
  })

  it('leaves out repositories inside, and links', async () => {
    await write({ 'inner/.git': 'gitdir: ../.git/modules/inner', 'inner/compose.yaml': compose })
    await write({ 'real/compose.yaml': compose })
    await symlink(join(root, 'real'), join(root, 'link'))
    await symlink(join(root, 'real/compose.yaml'), join(root, 'compose.yaml'))
    await symlink(root, join(root, 'real/loop'))
    expect(await filesFound()).toStrictEqual(['real/compose.yaml'])
  })

  it('reads what a link leads to where no name of its own is known, and edits nothing through it', async () => {
    await write({ 'docker/production': 'FROM a:1\n', 'deploy/base.yaml': pod })
    await symlink(join(root, 'docker/production'), join(root, 'Dockerfile'))
    await symlink(join(root, 'deploy/base.yaml'), join(root, 'again.yaml'))
    await symlink(join(root, 'nowhere'), join(root, 'gone.yaml'))
    const { occurrences, problems } = await findReferences(root)
    expect(problems).toStrictEqual([])
    expect(occurrences.map(({ file, edit }) => [file, edit.kind])).toStrictEqual([
      ['Dockerfile', 'none'],
      ['deploy/base.yaml', 'reference'],
    ])
  })

  it('says of a link out of the project that it is not read', async () => {
    await write({ 'outside/Dockerfile': 'FROM secret:1\n', 'project/compose.yaml': compose })
    await symlink(join(root, 'outside/Dockerfile'), join(root, 'project/Dockerfile'))
    const { occurrences, problems } = await findReferences(join(root, 'project'))
    expect(occurrences.map(({ file }) => file)).toStrictEqual(['compose.yaml'])
    expect(problems).toMatchObject([
      { file: 'Dockerfile', message: 'it is a symbolic link that leads out of the project' },
    ])
    const left = await findReferences(join(root, 'project'), { ignoreFiles: ['/Dockerfile'] })
    expect(left.problems).toStrictEqual([])
  })

  it('looks at what is included though git ignores it, and not at what is ignored', async () => {
    await write({ '.gitignore': 'out/\nnode_modules/\n', 'out/deploy/a.yaml': pod, 'out/b.yaml': pod })
    await write({ 'node_modules/c.yaml': pod, 'test/d.yaml': pod, 'e.yaml': pod })
    const options = { include: ['out/deploy/*.yaml'], ignoreFiles: ['test/**'] }
    expect(await filesFound(options)).toStrictEqual(['e.yaml', 'out/deploy/a.yaml'])
  })

  it('does not read files outside the project for those inside', async () => {
    await write({ 'secret/.env': 'TAG=1\n', 'secret/app.docker': 'FROM secret:1\n' })
    await write({
      'project/compose.yaml': 'services:\n  a: {image: "a:${TAG}"}\n  b: {build: {dockerfile: x.docker}}\n',
    })
    await symlink(join(root, 'secret/.env'), join(root, 'project/.env'))
    await symlink(join(root, 'secret/app.docker'), join(root, 'project/x.docker'))
    const { occurrences } = await findReferences(join(root, 'project'))
    expect(occurrences.map(({ target }) => target.kind)).toStrictEqual(['unresolved'])
  })
})

describe('findReferences(): what it says', () => {
  it('leaves out images that are ignored, resolved or not', async () => {
    await write({
      'compose.yaml': [
        'services:',
        '  a: {image: ghcr.io/me/app:1}',
        '  b: {image: "ghcr.io/me/app:${TAG}"}',
        '  c: {image: ghcr.io/me/deep/app:1}',
        '  d: {image: python:3.12}',
        '  e: {image: "${X}/d"}',
        '',
      ].join('\n'),
    })
    const { occurrences } = await findReferences(root, {
      ignoreImages: ['ghcr.io/me/*', 'docker.io/library/python'],
    })
    expect(occurrences.map(({ place }) => place)).toStrictEqual(['services.c.image', 'services.e.image'])
  })

  it('says the place of what cannot be read, and reads the rest', async () => {
    await write({ 'compose.yaml': 'services:\n\ta: b\n', 'b.yaml': pod })
    const { problems, occurrences } = await findReferences(root)
    expect(problems).toMatchObject([{ file: 'compose.yaml', line: 2, column: 1 }])
    expect(occurrences).toHaveLength(1)
  })

  it('refuses what is larger than 4 MiB and may name an image', async () => {
    await write({
      'big.yaml': pod + '#\n'.repeat(3 * 1024 * 1024),
      'data.yaml': '- a\n'.repeat(2 * 1024 * 1024),
    })
    const { problems } = await findReferences(root)
    expect(problems).toMatchObject([{ file: 'big.yaml', message: 'it is larger than 4 MiB' }])
  })

  it('edits nothing in a file that is not UTF-8', async () => {
    await write({ 'compose.yaml': Buffer.concat([Buffer.from([0x23, 0xff, 0x0a]), Buffer.from(compose)]) })
    await write({
      'a/compose.yaml': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(compose, 'utf16le')]),
    })
    const { occurrences } = await findReferences(root)
    const none = { kind: 'none', reason: 'the file is not UTF-8' }
    expect(occurrences.map(({ edit }) => edit)).toStrictEqual([none, none])
  })

  it('says that there is no such folder', async () => {
    await expect(findReferences(join(root, 'nowhere'))).rejects.toThrow(ProjectUnreadableError)
    await write({ file: '' })
    await expect(findReferences(join(root, 'file'))).rejects.toThrow(ProjectUnreadableError)
  })

  it('ends when it is told to, with the reason', async () => {
    await write({ 'compose.yaml': compose })
    const reason = new Error('enough')
    await expect(findReferences(root, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('findReferences(): pinning what it finds', () => {
  const digest = digestOf(Buffer.from('an index'))

  async function pinAll(): Promise<void> {
    const { occurrences, digests } = await findReferences(root)
    const byFile = Map.groupBy(occurrences, ({ edit }) => (edit.kind === 'none' ? '' : edit.file))
    for (const [file, found] of byFile) {
      if (file === '') continue
      const wanted = found.map(({ edit }) => ({ edit, digest }))
      const bytes = await readFile(join(root, file))
      const known = digests.get(file)
      if (known === undefined) throw new Error(`${file} has no digest`)
      await writeFile(join(root, file), applyEdits({ file, bytes, digest: known }, wanted))
    }
  }

  it('changes values and nothing else, once', async () => {
    await write({
      'compose.yaml': '# ä\r\nservices:\r\n  a: {image: "a:1"} # a\r\n  b:\r\n    image: ${B:-b:1}\r\n',
      Dockerfile: 'ARG BASE=c:1\nFROM $BASE AS x\nFROM $BASE\n',
      'kustomization.yaml':
        'images:\n  - name: d # here\n    newTag: "1" # there\n  - {name: e, newTag: v1}\n',
      'values.yaml':
        'image:\n  repository: f\n  tag: 1.20\n  digest:\nother:\n  image: {repository: g, tag: "1", digest: \'\'}\n',
    })
    await pinAll()
    const pinned = {
      'compose.yaml': `# ä\r\nservices:\r\n  a: {image: "a:1@${digest}"} # a\r\n  b:\r\n    image: \${B:-b:1@${digest}}\r\n`,
      Dockerfile: `ARG BASE=c:1@${digest}\nFROM $BASE AS x\nFROM $BASE\n`,
      'kustomization.yaml': `images:\n  - name: d # here\n    newTag: "1" # there\n    digest: ${digest}\n  - {name: e, newTag: v1, digest: ${digest}}\n`,
      'values.yaml': `image:\n  repository: f\n  tag: 1.20\n  digest: ${digest}\nother:\n  image: {repository: g, tag: "1", digest: '${digest}'}\n`,
    }
    const read = async (): Promise<Readonly<Record<string, string>>> =>
      Object.fromEntries(
        await Promise.all(
          Object.keys(pinned).map(async (file) => [file, await readFile(join(root, file), 'utf8')] as const),
        ),
      )
    expect(await read()).toStrictEqual(pinned)
    const { occurrences } = await findReferences(root)
    expect(
      occurrences.every(({ target }) => target.kind === 'image' && target.reference.digest === digest),
    ).toBe(true)
    await pinAll()
    expect(await read()).toStrictEqual(pinned)
  })
})

describe('FindingsCache', () => {
  it('gives what was found, until a file or what it depends on changes', async () => {
    await write({ 'compose.yaml': 'services:\n  a: {image: "a:${TAG}"}\n', '.env': 'TAG=1\n', 'b.yaml': pod })
    const first = new FindingsCache()
    const found = await findReferences(root, { cache: first })
    const second = new FindingsCache(first.toText())
    expect(await findReferences(root, { cache: second })).toStrictEqual(found)
    expect(second.isChanged).toBe(false)
    expect(second.toText()).toBe(first.toText())
    await write({ '.env': 'TAG=2\n' })
    const third = new FindingsCache(second.toText())
    const { occurrences } = await findReferences(root, { cache: third })
    expect(occurrences.map(({ target }) => target.kind === 'image' && target.reference.tag)).toStrictEqual([
      '2',
      '2',
    ])
    expect(third.isChanged).toBe(true)
  })

  it('forgets files that are gone', async () => {
    await write({ 'compose.yaml': compose, 'b.yaml': pod })
    const cache = new FindingsCache()
    await findReferences(root, { cache })
    await rm(join(root, 'b.yaml'))
    const later = new FindingsCache(cache.toText())
    await findReferences(root, { cache: later })
    expect(later.isChanged).toBe(true)
    expect(later.toText()).not.toContain('b.yaml')
  })

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"version":1}',
    '{"version":0,"entries":{}}',
    '{"version":1,"entries":{"a":1}}',
  ])('counts damage for nothing: %s', async (text) => {
    await write({ 'compose.yaml': compose })
    const { occurrences } = await findReferences(root, { cache: new FindingsCache(text) })
    expect(occurrences).toHaveLength(1)
  })

  it('counts a damaged entry for nothing', async () => {
    await write({ 'compose.yaml': compose })
    const cache = new FindingsCache()
    await findReferences(root, { cache })
    const text = cache.toText()
    const damaged = text.replaceAll(/"canonical":"[^"]*"/g, '"canonical":"not a name"')
    expect(damaged).not.toBe(text)
    expect((await findReferences(root, { cache: new FindingsCache(damaged) })).occurrences).toHaveLength(1)
    const other = text.replaceAll(/"target":\{/g, '"goal":{')
    expect((await findReferences(root, { cache: new FindingsCache(other) })).occurrences).toHaveLength(1)
  })
})

it('finds all 300 references of a monorepo, every one of them to be pinned', async () => {
  await writeMonorepo(root, { registry: 'localhost:5000' })
  const { occurrences, problems } = await findReferences(root)
  expect(problems).toStrictEqual([])
  expect(occurrences).toHaveLength(300)
  const images = occurrences.map(({ target }) => (target.kind === 'image' ? target.reference.canonical : ''))
  expect(new Set(images).size).toBe(60)
  expect(occurrences.filter(({ edit }) => edit.kind === 'none')).toStrictEqual([])
})

it('throws nothing, whatever a project holds', async () => {
  const pieces = [
    'services: image: a:1 ${A:-b} - \n \n~~ \n~~~~ { } [ ] &a *a <<:~*a " \' | >- # \t {{~x~}} apiVersion:~v1 kind:~Pod',
    'spec: containers: images: build: dockerfile_inline:~|\n~~~~~~~~FROM~a\n name:~x digest: newTag:~1 jobs: !!x \uFEFF \0 ---',
  ].flatMap((line) => line.split(' ').map((piece) => piece.replaceAll('~', ' ')))
  const text = fc
    .array(fc.constantFrom(...pieces), { maxLength: 40 })
    .map((list) => list.join(' ').replaceAll('\n ', '\n'))
  const names = [
    'compose.yaml',
    'a.yaml',
    'values.yaml',
    'kustomization.yaml',
    '.gitlab-ci.yml',
    'action.yml',
  ]
  await fc.assert(
    fc.asyncProperty(text, async (content) => {
      await write(Object.fromEntries(names.map((name) => [name, content])))
      const { occurrences } = await findReferences(root)
      const bytes = Buffer.from(content)
      for (const { edit, target } of occurrences) {
        if (edit.kind !== 'reference' || target.kind !== 'image') continue
        const { start, end } = edit.range
        expect([target.reference.familiar, target.reference.canonical]).toContain(
          bytes.toString('utf8', start, end),
        )
      }
    }),
    { numRuns: 200 },
  )
})
