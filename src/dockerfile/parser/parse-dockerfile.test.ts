import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DockerfileTooLargeError } from '../errors.ts'
import { parseDockerfile } from './parse-dockerfile.ts'
import type { Dockerfile } from './syntax-tree.ts'

/** Lines with their ends. */
function file(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

/** Instructions as `NAME|flags|arguments`, which is short to read in a table. */
function instructionsOf(text: string): readonly string[] {
  return parseDockerfile(text).instructions.map(({ name, keyword, flags, rest }) =>
    [
      name ?? `?${keyword.text}`,
      ...flags.map((flag) => (flag.value === undefined ? flag.name : `${flag.name}=${flag.value.text}`)),
      rest.text,
    ].join('|'),
  )
}

function problemsOf(text: string): readonly string[] {
  return parseDockerfile(text).problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

function sourcesOf({ text, nodes }: Dockerfile): string {
  return nodes.map(({ start, end }) => text.slice(start, end)).join('')
}

describe('parseDockerfile(): lines', () => {
  it.each<[string, string, readonly string[]]>([
    ['keywords have no case', file('from a', 'Run b'), ['FROM|a', 'RUN|b']],
    ['white space in front of a line does not count', file(' \tFROM a'), ['FROM|a']],
    ['no line end at the end of the file', 'FROM a', ['FROM|a']],
    ['lines end with CRLF', 'FROM a\r\nRUN b \\\r\n  c\r\n', ['FROM|a', 'RUN|b   c']],
    ['a byte order mark is passed over', '\uFEFFFROM a\n', ['FROM|a']],
    ['a comment is a line, whatever stands in front', file('# x', 'FROM a', '  # y'), ['FROM|a']],
    ['a # within a line is none', file('RUN a # b'), ['RUN|a # b']],
    ['an escape at the end of a line continues it', file('RUN a \\', 'b'), ['RUN|a b']],
    ['blanks behind it do not matter', file('RUN a \\  \t', 'b'), ['RUN|a b']],
    ['two of them do not continue', file('RUN a \\\\', 'USER b'), ['RUN|a \\\\', 'USER|b']],
    ['comments are left out of a continuation', file('RUN a \\', ' # c', '# d \\', 'b'), ['RUN|a b']],
    ['blank lines are left out of a continuation', file('RUN a \\', '', '  ', 'b'), ['RUN|a b']],
    ['a continuation may be the last line', file('RUN a \\'), ['RUN|a']],
    ['a continuation splits a word', file('FROM py\\', 'thon'), ['FROM|python']],
    ['a keyword may be split', file('FR\\', 'OM a'), ['FROM|a']],
    ['white space in front of a continued line stays', file('RUN a\\', '  b'), ['RUN|a  b']],
    ['a backslash alone begins an instruction', file('\\', 'FROM a'), ['FROM|a']],
    ['a file of nothing has nothing', '', []],
  ])('%s', (_, text, expected) => {
    expect(instructionsOf(text)).toEqual(expected)
    expect(problemsOf(text)).toEqual([])
  })
})

describe('parseDockerfile(): parser directives', () => {
  it.each<[string, string, readonly string[]]>([
    ['escape=` continues lines with it', file('# escape=`', 'RUN a `', 'b\\'), ['RUN|a b\\']],
    ['blanks and case do not matter', file('#  EsCaPe  =  `  ', 'RUN a `', 'b'), ['RUN|a b']],
    [
      'others may stand in front',
      file('# syntax=x', '# check=skip=all', '# escape=`', 'RUN a`', 'b'),
      ['RUN|ab'],
    ],
    ['not behind a comment', file('# x', '# escape=`', 'RUN a `'), ['RUN|a `']],
    ['not behind a blank line', file('', '# escape=`', 'RUN a `'), ['RUN|a `']],
    ['not behind a directive that there is not', file('# foo=bar', '# escape=`', 'RUN a `'), ['RUN|a `']],
    ['not behind an instruction', file('USER a', '# escape=`', 'RUN a `'), ['USER|a', 'RUN|a `']],
  ])('%s', (_, text, expected) => {
    expect(instructionsOf(text)).toEqual(expected)
    expect(problemsOf(text)).toEqual([])
  })

  it.each<[string, string, readonly string[]]>([
    [
      'another escape character',
      file('# escape=x', 'FROM a'),
      ['1:10 the escape character is \\ or `, not "x"'],
    ],
    [
      'a directive twice',
      file('# escape=`', '# ESCAPE=`'),
      ['2:1 there is more than one parser directive "escape"'],
    ],
  ])('refuses %s', (_, text, expected) => {
    expect(problemsOf(text)).toEqual(expected)
  })
})

describe('parseDockerfile(): flags', () => {
  it.each<[string, string, readonly string[]]>([
    ['stand in front of the arguments', 'COPY --from=a --link b c', ['COPY|from=a|link|b c']],
    ['not behind them', 'RUN a --mount=b', ['RUN|a --mount=b']],
    [
      'may be continued',
      'RUN --mount=type=a,\\\nfrom=b \\\n --network=none c',
      ['RUN|mount=type=a,from=b|network=none|c'],
    ],
    ['lose their quotes', `COPY --from="a b" --chown='c' d e`, ['COPY|from=a b|chown=c|d e']],
    ['lose their backslashes', 'COPY --from=a\\ b d e', ['COPY|from=a b|d e']],
    ['end with --', 'RUN --a -- --b', ['RUN|a|--b']],
    ['a word that only begins with - is none', 'RUN -a --b', ['RUN|-a --b']],
  ])('%s', (_, text, expected) => {
    expect(instructionsOf(text)).toEqual(expected)
  })
})

describe('parseDockerfile(): JSON forms', () => {
  it.each<[string, string, readonly string[] | undefined]>([
    ['strings', 'CMD ["a", "b c"]', ['a', 'b c']],
    ['escapes', String.raw`CMD ["a\"b", "\u00e4\\"]`, ['a"b', 'ä\\']],
    ['no strings', 'CMD []', []],
    ['no JSON is a command of the shell', "CMD ['a']", undefined],
    ['a test of the shell', 'RUN [ -f x ] && y', undefined],
    ['instructions without one', 'USER ["a"]', undefined],
  ])('%s', (_, text, expected) => {
    const [instruction] = parseDockerfile(text).instructions
    expect(instruction?.list?.map(({ value }) => value)).toEqual(expected)
  })

  it('stands where it is written', () => {
    const text = 'ADD ["ä\\n", \\\n "b"]'
    const { instructions } = parseDockerfile(text)
    const places = instructions[0]?.list?.map(({ source }) => text.slice(source.start, source.end))
    expect(places).toEqual(['ä\\n', 'b'])
  })

  it('refuses an array of other things', () => {
    expect(problemsOf('CMD ["a", 1]')).toEqual(['1:5 the JSON form of CMD holds more than strings'])
  })
})

describe('parseDockerfile(): heredocs', () => {
  it.each<[string, string, readonly (readonly [string, string])[]]>([
    ['the body is no instruction', file('RUN <<EOF', 'FROM x', 'EOF'), [['EOF', 'FROM x\n']]],
    ['an empty body', file('RUN <<EOF', 'EOF'), [['EOF', '']]],
    ['the name ends it alone', file('RUN <<EOF', ' EOF', 'EOF x', 'EOF'), [['EOF', ' EOF\nEOF x\n']]],
    ['tabs in front of the end, with <<-', file('RUN <<-EOF', '\ta', '\t\tEOF'), [['EOF', '\ta\n']]],
    ['CRLF', 'RUN <<EOF\r\na\r\nEOF\r\n', [['EOF', 'a\r\n']]],
    ['a name in quotes', file(`COPY <<"E F" /x`, 'a', 'E F'), [['E F', 'a\n']]],
    [
      'several',
      file('COPY <<A <<B /x/', '1', 'A', '2', 'B'),
      [
        ['A', '1\n'],
        ['B', '2\n'],
      ],
    ],
    ['a file descriptor', file('RUN cat 3<<EOF', 'a', 'EOF'), [['EOF', 'a\n']]],
    ['behind a continuation', file('RUN a \\', '<<EOF', 'x \\', 'EOF'), [['EOF', 'x \\\n']]],
    ['behind ONBUILD', file('ONBUILD RUN <<EOF', 'a', 'EOF'), [['EOF', 'a\n']]],
    ['no end of line at the end', 'RUN <<EOF\na\nEOF', [['EOF', 'a\n']]],
    ['in quotes there is none', file(`RUN echo "<<EOF"`), []],
    ['a here-string is none', file('RUN cat <<<EOF'), []],
    ['a shift is none', file('RUN echo $((1 << 2))'), []],
    ['other instructions have none', file('LABEL a=<<EOF'), []],
    ['JSON forms have none', file('RUN ["<<EOF"]'), []],
  ])('%s', (_, text, expected) => {
    const { instructions, problems } = parseDockerfile(text)
    expect(problems).toEqual([])
    expect(instructions).toHaveLength(1)
    expect(
      instructions[0]?.heredocs.map(({ name, body }) => [name, text.slice(body.start, body.end)]),
    ).toEqual(expected)
  })

  it('are none in a line with an open quote', () => {
    expect(instructionsOf(file("RUN <<EOF # don't", 'USER a'))).toEqual(["RUN|<<EOF # don't", 'USER|a'])
  })

  it('expand variables unless their name is quoted', () => {
    const { instructions } = parseDockerfile(file(`COPY <<A <<'B' <<"C" /x/`, 'A', 'B', 'C'))
    expect(instructions[0]?.heredocs.map(({ isExpanded }) => isExpanded)).toEqual([true, false, false])
  })

  it('that is not closed takes the rest of the file, and is said with its line and a way out', () => {
    const { problems, instructions } = parseDockerfile(file('FROM a', 'RUN x <<EOF', 'y', ' EOF', 'FROM b'))
    expect(instructions.map(({ name }) => name)).toEqual(['FROM', 'RUN'])
    expect(problems).toEqual([
      {
        offset: 13,
        line: 2,
        column: 7,
        message: 'the heredoc <<EOF is not closed',
        hint: 'Put a line behind its text that holds EOF and nothing else.',
      },
    ])
  })
})

describe('parseDockerfile(): what there is not', () => {
  it.each<[string, string, string, string]>([
    [
      'an instruction that is nearly one',
      'FROM a\n  RUUN b',
      '2:3 there is no instruction "RUUN"',
      'Did you mean RUN?',
    ],
    [
      'an instruction that is none',
      'set -e',
      '1:1 there is no instruction "set"',
      'Is a "\\" missing at the end of the line above, or is this the body of a heredoc?',
    ],
  ])('%s', (_, text, message, hint) => {
    expect(problemsOf(text)).toEqual([message])
    expect(parseDockerfile(text).problems[0]?.hint).toBe(hint)
  })

  it.each([
    ['ONBUILD ONBUILD RUN a', '1:9 ONBUILD cannot stand behind ONBUILD'],
    ['ONBUILD FROM a', '1:9 FROM cannot stand behind ONBUILD'],
    ['ONBUILD', '1:1 ONBUILD has no instruction behind it'],
    ['ONBUILD RUUN a', '1:9 there is no instruction "RUUN"'],
  ])('%s', (text, message) => {
    expect(problemsOf(text)).toEqual([message])
  })

  it('a file beyond 2 MiB', () => {
    expect(() => parseDockerfile('ä'.repeat(1024 * 1024 + 1))).toThrow(DockerfileTooLargeError)
  })
})

const fragments = fc.constantFrom(
  'FROM',
  'RUN',
  'copy',
  'ONBUILD',
  'ENV',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\r',
  '\\',
  '`',
  '#',
  '\\\n',
  '# escape=`\n',
  '<<EOF',
  'EOF\n',
  '<<-"X Y"',
  "'",
  '"',
  '--from=',
  '--mount=type=bind,from=a',
  '$A',
  '${A:-',
  '}',
  '[',
  ']',
  '["a"]',
  'ä',
  '😀',
  '\uFEFF',
  '\u00A0',
  'a',
  'AS',
  '=',
  ',',
)

describe('parseDockerfile(): laws', () => {
  it('the nodes, one after the other, are the file', () => {
    fc.assert(
      fc.property(fc.array(fragments, { maxLength: 60 }), (parts) => {
        const text = parts.join('')
        expect(sourcesOf(parseDockerfile(text))).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })

  it('every text of the tree stands in the file, character for character', () => {
    fc.assert(
      fc.property(fc.array(fragments, { maxLength: 60 }), (parts) => {
        const text = parts.join('')
        for (const { keyword, rest, flags } of parseDockerfile(text).instructions) {
          for (const source of [
            keyword,
            rest,
            ...flags.flatMap(({ value }) => (value === undefined ? [] : [value])),
          ]) {
            for (let index = 0; index < source.text.length; index += 1) {
              const { start } = source.slice(index, index + 1)
              expect(text[start]).toBe(source.text[index])
            }
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})
