import { describe, expect, it } from 'vitest'
import { describeOccurrence, findIn, type ProjectTexts } from '../../../test/fixtures/describe-occurrences.ts'
import { composeFinder } from './compose.ts'

async function found(text: string, others: ProjectTexts = {}): Promise<readonly string[]> {
  const project = { ...others, 'compose.yaml': text }
  const findings = await findIn(composeFinder, 'compose.yaml', project)
  expect(findings?.problems).toStrictEqual([])
  return (findings?.occurrences ?? []).map((one) => describeOccurrence(one, project))
}

describe('composeFinder: names', () => {
  it.each([
    ['compose.yaml', true],
    ['a/docker-compose.yml', true],
    ['docker-compose.prod.yml', true],
    ['compose.override.yaml', true],
    ['docker-compose-dev.yml', true],
    ['compose.json', false],
    ['decompose.yaml', false],
    ['composer.yaml', false],
  ])('%s: %s', (file, expected) => {
    expect(composeFinder.mayBe(file)).toBe(expected)
  })
})

describe('composeFinder: images of services', () => {
  it.each<[string, string, readonly string[]]>([
    ['plain', 'services:\n  db:\n    image: postgres:16\n', ['services.db.image = postgres:16']],
    ['quoted', 'services:\n  db: {image: "postgres:16"}\n', ['services.db.image = postgres:16']],
    ['a block', 'services:\n  db:\n    image: >-\n      postgres:16\n', ['services.db.image = postgres:16']],
    [
      'escapes in quotes',
      'services:\n  db:\n    image: "postgres\\x3a16"\n',
      ['services.db.image = postgres:16, not pinned: it is broken by escapes or lines'],
    ],
    [
      'CRLF and others’ letters',
      '# ä🚢\r\nservices:\r\n  db:\r\n    image: a:1\r\n',
      ['services.db.image = a:1'],
    ],
    [
      'a platform',
      'services:\n  db:\n    image: a:1\n    platform: linux/arm64\n',
      ['services.db.image = a:1 on linux/arm64'],
    ],
    ['of a build: a name to tag', 'services:\n  a:\n    image: me/app:1\n    build: .\n', []],
    ['that is only built', 'services:\n  a:\n    image: me/app:1\n    pull_policy: build\n', []],
    [
      'of a build that is extended',
      'services:\n  base:\n    build: .\n  a:\n    extends: {service: base}\n    image: me/app:1\n',
      [],
    ],
    [
      'anchors and merges, edited where they stand',
      'x-db: &db\n  image: postgres:16\nservices:\n  a:\n    <<: *db\n  b: *db\n',
      ['services.a.image = postgres:16', 'services.b.image = postgres:16'],
    ],
    [
      'an alias of the image alone',
      'x-i: &i postgres:16\nservices:\n  a:\n    image: *i\n',
      ['services.a.image = postgres:16'],
    ],
    [
      'image volumes',
      'services:\n  a:\n    image: a:1\n    volumes:\n      - type: image\n        source: b:1\n        target: /b\n',
      ['services.a.image = a:1', 'services.a.volumes[target=/b].source = b:1'],
    ],
    [
      'no image name',
      'services:\n  a:\n    image: a b\n',
      ['services.a.image unresolved: cannot read image reference "a b": a name holds no blanks'],
    ],
    ['no value', 'services:\n  a:\n    image:\n', []],
  ])('%s', async (_, text, expected) => {
    expect(await found(text)).toStrictEqual(expected)
  })

  it('says nothing of a file without services', async () => {
    expect(await findIn(composeFinder, 'compose.yaml', { 'compose.yaml': 'image: a\n' })).toBeUndefined()
  })
})

describe('composeFinder: interpolation', () => {
  const environment = 'TAG=16 # the tag\nexport NAME="postgres"\nEMPTY=\nIMAGE=${NAME}:${TAG}\n'
  it.each<[string, readonly string[]]>([
    ['postgres:${TAG}', ['services.a.image = postgres:16 (TAG=16), not pinned: it is put together with TAG']],
    [
      '$NAME:$TAG',
      [
        'services.a.image = postgres:16 (NAME=postgres, TAG=16), not pinned: it is put together with NAME, TAG',
      ],
    ],
    ['${IMAGE}', ['services.a.image = postgres:16 (IMAGE=postgres:16), not pinned: IMAGE comes from .env']],
    ['${OTHER:-redis:7}', ['services.a.image = redis:7']],
    ['${OTHER-redis:7}', ['services.a.image = redis:7']],
    ['${EMPTY:-redis:7}', ['services.a.image = redis:7 (EMPTY=), not pinned: EMPTY comes from .env']],
    [
      'redis:${OTHER:-${TAG}}',
      ['services.a.image = redis:16 (TAG=16), not pinned: it is put together with OTHER, TAG'],
    ],
    [
      'redis:7${TAG:+-alpine}',
      ['services.a.image = redis:7-alpine (TAG=16), not pinned: it is put together with TAG'],
    ],
    [
      '${REGISTRY}/a:1',
      ['services.a.image unresolved: REGISTRY has no value in .env and no default; ${NAME:-value} gives one'],
    ],
    [
      '${REGISTRY:?say which}/a:1',
      ['services.a.image unresolved: REGISTRY has no value in .env and no default; ${NAME:-value} gives one'],
    ],
    [
      'a:${',
      [
        'services.a.image unresolved: its variables are not written as compose reads them; $$ is a dollar sign',
      ],
    ],
  ])('%s', async (image, expected) => {
    expect(await found(`services:\n  a:\n    image: '${image}'\n`, { '.env': environment })).toStrictEqual(
      expected,
    )
  })

  it('ends soon with defaults inside each other', async () => {
    const deep = '${A:-'.repeat(5000)
    const [line] = await found(`services:\n  a:\n    image: '${deep}'\n`)
    expect(line).toContain('unresolved')
  })
})

describe('composeFinder: builds', () => {
  const dockerfile =
    'ARG BASE=python:3.12\nARG TAG=1\nFROM $BASE AS a\nFROM redis:$TAG\nCOPY --from=ctx . .\n'
  it.each<[string, string, readonly string[]]>([
    ['a Dockerfile of its own is found by its name', 'build: .', []],
    [
      'an argument that is the image',
      'build: {context: ., args: {BASE: "python:3.13"}}',
      ['services.a.build.args.BASE = python:3.13'],
    ],
    [
      'an argument in a list',
      'build: {context: ., args: ["BASE=python:3.13"]}',
      ['services.a.build.args.BASE = python:3.13'],
    ],
    [
      'an argument that is a part',
      'build: {context: ., args: {TAG: 7}}',
      ['services.a.build.args.TAG = redis:7, not pinned: the argument is only a part of the image'],
    ],
    [
      'an argument whose value is not known',
      'build: {context: ., args: {TAG: "$X"}}',
      [
        'services.a.build.args.TAG unresolved: X has no value in .env and no default; ${NAME:-value} gives one',
      ],
    ],
    [
      'contexts',
      'build: {context: ., additional_contexts: {ctx: "docker-image://a:1", other: ./b}}',
      ['services.a.build.additional_contexts.ctx = a:1'],
    ],
    [
      'contexts in a list',
      'build: {context: ., additional_contexts: ["ctx=docker-image://a:1"]}',
      ['services.a.build.additional_contexts.ctx = a:1'],
    ],
    [
      'a Dockerfile that only compose knows',
      'build: {context: sub, dockerfile: ../images/web}',
      ['FROM:nginx = nginx:1'],
    ],
    ['a Dockerfile outside the project', 'build: {context: ../..}', []],
    ['a context elsewhere', 'build: {context: "https://example.com/a.git", args: {BASE: "a:1"}}', []],
  ])('%s', async (_, build, expected) => {
    const others = { Dockerfile: dockerfile, 'images/web': 'FROM nginx:1\n' }
    expect(await found(`services:\n  a:\n    ${build}\n`, others)).toStrictEqual(expected)
  })

  it('maps places of an inline Dockerfile', async () => {
    const lines = [
      'services:',
      '  a:',
      '    build:',
      '      dockerfile_inline: |',
      '        # ä',
      '',
      '        FROM a:1 AS x',
      '        FROM x',
      '        COPY --from=b:2 . .',
      '',
    ]
    const expected = [
      'services.a.build.dockerfile_inline#FROM:x = a:1',
      'services.a.build.dockerfile_inline#COPY:b = b:2',
    ]
    expect(await found(lines.join('\n'))).toStrictEqual(expected)
    expect(await found(lines.join('\r\n'))).toStrictEqual(expected)
  })

  it('does not edit an inline Dockerfile with variables', async () => {
    const text =
      'services:\n  a:\n    build:\n      dockerfile_inline: |\n        ARG B=a:1\n        FROM $$B\n'
    expect(await found(text)).toStrictEqual([
      'services.a.build.dockerfile_inline#FROM:a = a:1, not pinned: variables or escapes stand in its Dockerfile',
    ])
  })
})

describe('composeFinder: several files', () => {
  it('takes the image of a service that is built beside it for a name to tag', async () => {
    const others = { 'compose.override.yml': 'services:\n  a:\n    build: .\n' }
    const text = 'services:\n  a: {image: me/app}\n  b: {image: "b:1"}\n'
    expect(await found(text, others)).toStrictEqual(['services.b.image = b:1'])
  })

  it('follows files that are included and extended, each once', async () => {
    const others = {
      'parts/db.yaml': 'include: [../compose.yaml, db.yaml]\nservices:\n  db: {image: "postgres:16"}\n',
      'base.yml': 'services:\n  base: {image: "a:1", extends: {file: parts/db.yaml, service: db}}\n',
      'secret.yml': 'a: [',
    }
    const project = {
      ...others,
      'compose.yaml':
        'include: [{path: [parts/db.yaml]}, ../outside.yaml, missing.yaml]\nservices:\n  a: {extends: {file: base.yml, service: base}}\n',
    }
    const findings = await findIn(composeFinder, 'compose.yaml', project)
    expect(findings?.problems).toStrictEqual([])
    expect(
      findings?.occurrences.map((one) => `${one.file} ${describeOccurrence(one, project)}`),
    ).toStrictEqual(['parts/db.yaml services.db.image = postgres:16', 'base.yml services.base.image = a:1'])
  })
})

describe('composeFinder: bad input', () => {
  it.each<[string, string, number]>([
    ['tabs', 'services:\n\ta:\n', 2],
    ['templates in what is broken', "services:\n  a: {image: '{{ x }}'\n  b: {}\n", 3],
    ['an open bracket', 'services:\n  a: {image: b\n', 3],
    ['a key twice', 'services:\n  a:\n    image: b\n    image: c\n', 4],
    ['an alias without its anchor', 'services:\n  a: *b\n', 2],
    ['an alias inside its anchor', 'services: &a\n  a: *a\n', 2],
    ['nesting beyond measure', `services: ${'['.repeat(100_000)}\n`, 1],
  ])('%s: says the line', async (_, text, line) => {
    const findings = await findIn(composeFinder, 'compose.yaml', { 'compose.yaml': text })
    expect(findings?.occurrences).toStrictEqual([])
    expect(findings?.problems).toMatchObject([{ file: 'compose.yaml', line }])
  })

  it('does not multiply aliases of aliases', async () => {
    const levels = Array.from({ length: 30 }, (_, level) =>
      level === 0 ? 'x0: &a0 [b]' : `x${level}: &a${level} [${`*a${level - 1}, `.repeat(9)}]`,
    )
    expect(await found(`${levels.join('\n')}\nservices:\n  a: {image: b, volumes: *a29}\n`)).toStrictEqual([
      'services.a.image = b',
    ])
  })
})
