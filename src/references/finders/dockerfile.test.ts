import { describe, expect, it } from 'vitest'
import type { FileFindings, Occurrence } from '../occurrence.ts'
import { dockerfileFinder } from './dockerfile.ts'

async function findIn(text: string, name = 'Dockerfile', isExact = true): Promise<FileFindings | undefined> {
  const files = { read: async () => undefined }
  return dockerfileFinder.find({ file: name, text, isExact, files, customResources: [] })
}

async function occurrencesOf(text: string): Promise<readonly Occurrence[]> {
  return (await findIn(text))?.occurrences ?? []
}

/** `place = image`, and what would be edited where that is not the text itself. */
async function describeAll(text: string): Promise<readonly string[]> {
  const bytes = Buffer.from(text)
  const occurrences = await occurrencesOf(text)
  return occurrences.map((occurrence) => {
    const { place, target, edit, range } = occurrence
    const shown = target.kind === 'image' ? target.reference.familiar : `${target.kind}: ${target.reason}`
    expect(bytes.subarray(range.start, range.end).toString()).toBe(occurrence.text)
    if (target.kind !== 'image') return `${place} = ${shown}`
    if (edit.kind === 'none') return `${place} = ${shown} (not pinned: ${edit.reason})`
    if (edit.kind !== 'reference') throw new Error('a Dockerfile has no fields')
    const edited = bytes.subarray(edit.range.start, edit.range.end).toString()
    expect(edited).toBe(target.reference.familiar)
    return `${place} = ${shown}${edit.range.start === range.start ? '' : ` at ${edit.range.line}:${edit.range.column}`}`
  })
}

function together(names: string): string {
  return `it is put together with ${names}; an ARG whose default is the whole image can be`
}

function file(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

describe('dockerfileFinder: where images stand', () => {
  it.each<[string, string, readonly string[]]>([
    ['FROM', file('FROM python:3.12'), ['FROM:python = python:3.12']],
    ['a stage has a name', file('FROM python:3.12 as Build'), ['FROM:Build = python:3.12']],
    ['a platform', file('FROM --platform=$BUILDPLATFORM golang:1 AS b'), ['FROM:b = golang:1']],
    ['scratch is nothing', file('FROM scratch', 'COPY --from=scratch a b'), []],
    ['quotes around it', file('FROM "python:3.12"'), ['FROM:python = python:3.12 at 1:7']],
    ['COPY --from', file('FROM scratch', 'COPY --link --from=a.io/uv:1 x y'), ['COPY:a.io/uv = a.io/uv:1']],
    ['ADD --from', file('FROM scratch', 'ADD --from=a/b x y'), ['ADD:a/b = a/b']],
    [
      'every mount that comes from somewhere',
      file(
        'FROM scratch',
        'RUN --mount=from=a:1,target=/a --mount=type=cache,from=b:1,target=/b \\',
        '  --mount=type=secret,id=c,from=c:1 --mount=type=bind,"from=d:1",target=/d x',
      ),
      ['RUN:a = a:1', 'RUN:b = b:1', 'RUN:d = d:1'],
    ],
    [
      'behind ONBUILD',
      file('FROM scratch', 'ONBUILD COPY --from=a:1 x y', 'ONBUILD RUN --mount=from=b:1,target=/b x'),
      ['ONBUILD COPY:a = a:1', 'ONBUILD RUN:b = b:1'],
    ],
    ['# syntax=', file('# syntax = docker/dockerfile:1 x', 'FROM scratch'), ['syntax = docker/dockerfile:1']],
    ['# syntax= in front of comments alone', file('# x', '# syntax=docker/dockerfile:1', 'FROM scratch'), []],
    ['heredocs hold no instructions', file('FROM scratch', 'COPY <<E /x', 'FROM a', 'E'), []],
    ['comments neither', file('FROM scratch', 'RUN a \\', '# COPY --from=b', '  c'), []],
    ['behind wide characters', file('# 😀 ä', 'FROM python:3.12 AS ä', ''), ['FROM:ä = python:3.12']],
    ['behind a byte order mark', '\uFEFFFROM python:3.12\r\n', ['FROM:python = python:3.12']],
    ['with a digest', file(`FROM a:1@sha256:${'0'.repeat(64)}`), [`FROM:a = a:1@sha256:${'0'.repeat(64)}`]],
    [
      'places that would be one carry the tag',
      file('FROM a:1', 'FROM a:2', 'FROM a:2', 'FROM b'),
      ['FROM:a:1 = a:1', 'FROM:a:2 = a:2', 'FROM:a:2 = a:2', 'FROM:b = b'],
    ],
  ])('%s', async (_, text, expected) => {
    expect(await describeAll(text)).toEqual(expected)
  })
})

describe('dockerfileFinder: stages', () => {
  it.each<[string, string, readonly string[]]>([
    ['a stage above is no image', file('FROM a AS b', 'FROM b'), ['FROM:b = a']],
    ['names have no case', file('FROM a AS Builder', 'FROM BUILDER'), ['FROM:Builder = a']],
    ['a stage is not above itself', file('FROM alpine AS alpine'), ['FROM:alpine = alpine']],
    ['a stage below is none for FROM', file('FROM b', 'FROM a AS b'), ['FROM:b = b', 'FROM:b:a = a']],
    [
      'any stage is one for --from',
      file('FROM a', 'COPY --from=c x y', 'FROM b AS c'),
      ['FROM:a = a', 'FROM:c = b'],
    ],
    ['a number is a stage', file('FROM a', 'FROM b', 'COPY --from=0 x y'), ['FROM:a = a', 'FROM:b = b']],
    [
      'a number too high is none',
      file('FROM scratch', 'COPY --from=3 x y'),
      ['COPY:3 = unresolved: there is no stage 3'],
    ],
    [
      'a stage of a platform',
      file('FROM a AS base-amd64', 'FROM b AS base-arm64', 'FROM base-${TARGETARCH}'),
      ['FROM:base-amd64 = a', 'FROM:base-arm64 = b'],
    ],
    [
      'an image of a platform is not known',
      file('FROM base-$TARGETARCH'),
      ['FROM:base-$TARGETARCH = unresolved: TARGETARCH depends on the platform of the build'],
    ],
    [
      '--from expands nothing',
      file('ARG V=1', 'FROM scratch', 'COPY --from=uv:${V} x y'),
      [
        'COPY:uv:${V} = unresolved: BuildKit expands no variables here; give the image a stage of its own, FROM image AS name',
      ],
    ],
  ])('%s', async (_, text, expected) => {
    expect(await describeAll(text)).toEqual(expected)
  })
})

describe('dockerfileFinder: arguments', () => {
  it.each<[string, string, readonly string[]]>([
    ['a whole image is pinned at its default', file('ARG I=a:1', 'FROM $I'), ['FROM:a = a:1 at 1:7']],
    ['inside of its quotes', file('ARG I="a:1"', 'FROM ${I} AS b'), ['FROM:b = a:1 at 1:8']],
    ['over another argument', file('ARG I=a:1 J=$I', 'FROM $J'), ['FROM:a = a:1 at 1:7']],
    ['at the default behind :-', file('FROM ${I:-a:1}'), ['FROM:a = a:1 at 1:11']],
    ['not at it when there is a value', file('ARG I=b:1', 'FROM ${I:-a:1}'), ['FROM:b = b:1 at 1:7']],
    ['at the default in a default', file('ARG I', 'FROM ${I:-${J-a:1}}'), ['FROM:a = a:1 at 2:15']],
    ['the last declaration counts', file('ARG I=a:1', 'ARG I=b:1', 'FROM $I'), ['FROM:b = b:1 at 2:7']],
    [
      'a tag is not',
      file('ARG V=3.12', 'FROM python:$V'),
      [`FROM:python = python:3.12 (not pinned: ${together('V')})`],
    ],
    [
      'an argument with something behind it neither, nor where it stands alone beside that',
      file('ARG I=a:1', 'FROM $I', 'FROM ${I}-slim'),
      [
        'FROM:a:1 = a:1 (not pinned: its argument is a part of "${I}-slim" too)',
        `FROM:a:1-slim = a:1-slim (not pinned: ${together('I')})`,
      ],
    ],
    [
      'twice alone it is',
      file('ARG I=a:1', 'FROM $I', 'FROM ${I}'),
      ['FROM:a = a:1 at 1:7', 'FROM:a = a:1 at 1:7'],
    ],
    [
      'an alternative',
      file('ARG D=1', 'FROM a${D:+:debug}'),
      [`FROM:a = a:debug (not pinned: ${together('D')})`],
    ],
    [
      'an empty default is a value',
      file('ARG R=', 'FROM ${R}a'),
      [`FROM:a = a (not pinned: ${together('R')})`],
    ],
    [
      'no default is none',
      file('ARG REGISTRY', 'FROM ${REGISTRY}/a'),
      ['FROM:${REGISTRY}/a = unresolved: ARG REGISTRY has no default; ARG REGISTRY=VALUE gives it one'],
    ],
    [
      'no declaration',
      file('FROM $X'),
      ['FROM:$X = unresolved: there is no ARG X above the first FROM; ARG X=VALUE gives it a value'],
    ],
    [
      'a declaration in a stage',
      file('FROM scratch', 'ARG X=a', 'FROM $X'),
      [
        'FROM:$X = unresolved: ARG X stands below a FROM, and FROM sees only what is above the first; move it there',
      ],
    ],
    [
      'a default that needs another',
      file('ARG I=a:$V', 'FROM $I AS s'),
      ['FROM:s = unresolved: there is no ARG V above the first FROM; ARG V=VALUE gives it a value'],
    ],
    ['a required value', file('FROM ${I:?which}'), ['FROM:${I:?which} = unresolved: I has no value: which']],
    ['an open brace', file('FROM ${I'), ['FROM:${I = unresolved: "}" is missing']],
    [
      'a name that is none',
      file('FROM Python:3.12'),
      [
        'FROM:Python:3.12 = unresolved: cannot read image reference "Python:3.12": repository name must be lowercase: "Python". Did you mean python:3.12?',
      ],
    ],
    [
      'a template',
      file('FROM {{ base }} AS x'),
      ['FROM:{{ base }} AS x = unresolved: a template fills it in'],
    ],
  ])('%s', async (_, text, expected) => {
    expect(await describeAll(text)).toEqual(expected)
  })

  it('are told with where they are written', async () => {
    const text = file('ARG V="3.12"', 'ARG I=python:${V}-slim', 'FROM $I')
    const [occurrence] = await occurrencesOf(text)
    expect(occurrence?.origins).toEqual([
      {
        name: 'I',
        value: 'python:3.12-slim',
        at: { file: 'Dockerfile', range: { start: 19, end: 35, line: 2, column: 7 } },
      },
      {
        name: 'V',
        value: '3.12',
        at: { file: 'Dockerfile', range: { start: 6, end: 12, line: 1, column: 7 } },
      },
    ])
  })
})

describe('dockerfileFinder: what ADD fetches', () => {
  const download = 'it is a download; ADD --checksum=sha256:… would hold it to its content'

  it.each<[string, string, readonly string[]]>([
    [
      'a download',
      file('FROM scratch', 'ADD https://a.io/x /'),
      [`ADD:https://a.io/x = unlockable: ${download}`],
    ],
    [
      'with a checksum',
      file('FROM scratch', 'ADD --checksum=sha256:12 https://a.io/x /'),
      ['ADD:https://a.io/x = unlockable: it is a download, and its --checksum holds it to sha256:12'],
    ],
    [
      'in the JSON form, of several',
      file('FROM scratch', 'ADD ["b", "http://a.io/x", "/"]'),
      [`ADD:http://a.io/x = unlockable: ${download}`],
    ],
    [
      'a git repository',
      file('FROM scratch', 'ADD git@a.io:b/c.git#v1 /', 'ADD https://a.io/c.git /'),
      ['git@a.io:b/c.git#v1', 'https://a.io/c.git'].map(
        (address) =>
          `ADD:${address} = unlockable: it is a git repository; a commit behind it (#<commit>) would hold it`,
      ),
    ],
    [
      'a commit of one',
      file('FROM scratch', `ADD https://a.io/c.git#${'0'.repeat(40)} /`),
      [
        `ADD:https://a.io/c.git#${'0'.repeat(40)} = unlockable: it is a git repository, and the commit behind "#" holds it`,
      ],
    ],
    [
      'an address of arguments, which a stage takes over by declaring them',
      file('ARG U=https://a.io', 'FROM scratch', 'ARG U', 'ENV P=x', 'ADD $U/$P /'),
      [`ADD:https://a.io/x = unlockable: ${download}`],
    ],
    [
      'an address that is not known',
      file('ARG U=https://a.io', 'FROM scratch', 'ADD $U /'),
      ['ADD:$U = unlockable: whether it is a download depends on U, which has no value'],
    ],
    [
      'no file of the project',
      file('FROM scratch', 'ADD a b/ c', 'ADD ["a", "b"]', 'COPY https://a.io b'),
      [],
    ],
  ])('%s', async (_, text, expected) => {
    expect(await describeAll(text)).toEqual(expected)
  })

  it('is told without its password', async () => {
    const [occurrence] = await occurrencesOf(file('FROM scratch', 'ADD https://me:secret@a.io/x /'))
    expect(JSON.stringify(occurrence)).not.toContain('secret')
  })
})

describe('dockerfileFinder: files', () => {
  it.each([
    ['Dockerfile', true],
    ['a/b/Dockerfile', true],
    ['Dockerfile.dev', true],
    ['api.Dockerfile', true],
    ['api.dockerfile', true],
    ['Containerfile', true],
    ['Containerfile.dev', true],
    ['Dockerfile-dev', true],
    ['Dockerfile.dockerignore', false],
    ['Dockerfile.md', false],
    ['Dockerfiles/x', false],
    ['Dockerfiles', false],
    ['mydockerfile', false],
  ])('%s: %s', (name, expected) => {
    expect(dockerfileFinder.mayBe(name)).toBe(expected)
  })

  it('passes over files of another kind with such a name', async () => {
    expect(await findIn('export const from = 1\n', 'dockerfile.ts')).toBeUndefined()
  })

  it('tells problems with line, column and a way out', async () => {
    const findings = await findIn(file('FRM a', 'FROM b AS', 'RUN <<EOF'))
    expect(findings?.problems).toEqual([
      {
        file: 'Dockerfile',
        line: 1,
        column: 1,
        message: 'there is no instruction "FRM"',
        hint: 'Did you mean FROM?',
      },
      {
        file: 'Dockerfile',
        line: 2,
        column: 1,
        message: 'FROM takes an image, or an image, AS and a name',
        hint: 'Write FROM image AS name.',
      },
      {
        file: 'Dockerfile',
        line: 3,
        column: 5,
        message: 'the heredoc <<EOF is not closed',
        hint: 'Put a line behind its text that holds EOF and nothing else.',
      },
    ])
  })

  it('tells that a file is too large', async () => {
    const findings = await findIn(`FROM a\n${'#'.repeat(2 * 1024 * 1024)}`)
    expect(findings?.problems[0]?.message).toBe('it has 2097159 bytes, at most 2097152 are read')
  })

  it('edits nothing in a file that is not UTF-8', async () => {
    const findings = await findIn('FROM a', 'Dockerfile', false)
    expect(findings?.occurrences[0]?.edit).toEqual({ kind: 'none', reason: 'the file is not UTF-8' })
  })

  it('reads only the image of the language in files of another language', async () => {
    const findings = await findIn('#syntax=ghcr.io/r2d4/llb:1\nversion: v0\nstages: []\n')
    expect(findings?.problems).toEqual([])
    expect(findings?.occurrences.map(({ place }) => place)).toEqual(['syntax'])
    const json = await findIn('{ "syntax": "a/b:1" }')
    expect(json?.occurrences.map(({ text, range }) => [text, range.start])).toEqual([['a/b:1', 13]])
    const slashes = await findIn('// syntax=a/b:1\n{}')
    expect(slashes?.occurrences.map(({ text }) => text)).toEqual(['a/b:1'])
  })

  it('notes a platform that is said, and none that depends', async () => {
    const found = await occurrencesOf(
      file('FROM --platform=linux/amd64 a', 'FROM --platform=$BUILDPLATFORM b'),
    )
    expect(found.map(({ platform }) => platform)).toEqual(['linux/amd64', undefined])
  })
})
