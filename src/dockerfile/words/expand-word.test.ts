import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidWordError } from '../errors.ts'
import { SourceText } from '../parser/source-text.ts'
import type { EscapeCharacter } from '../parser/syntax-tree.ts'
import { type Expansion, ExpansionBudget, expandWord, type Variable } from './expand-word.ts'
import { parseWord } from './parse-word.ts'
import { literalOf } from './word.ts'

const values: Readonly<Record<string, string>> = {
  A: 'value',
  EMPTY: '',
  PATH: '/usr/local/bin',
  F: 'a.tar.gz',
  STARS: 'a*b?c\\d',
  ä: 'umlaut',
}

function source(text: string): SourceText {
  return new SourceText(text, [{ index: 0, offset: 0, length: text.length }], 0)
}

function expand(text: string, escape: EscapeCharacter = '\\'): Expansion<Variable> {
  return expandWord(parseWord(source(text), escape), variable, new ExpansionBudget())
}

function variable(name: string): Variable | undefined {
  const value = values[name]
  if (name === 'UNSET') return { name, value, missing: new Set() }
  return value === undefined ? undefined : { name, value, missing: new Set() }
}

function problemOf(text: string): string {
  try {
    return `no problem, but ${expand(text).value}`
  } catch (error) {
    if (error instanceof InvalidWordError) return error.problem
    throw error
  }
}

// The rules are those of BuildKit's frontend/dockerfile/shell/lex.go.
describe('expandWord(): values', () => {
  it.each([
    ['plain', 'a b', 'a b'],
    ['a name', '$A', 'value'],
    ['a name in braces', '${A}', 'value'],
    ['a name ends where names end', '$A-$A.$A/', 'value-value.value/'],
    ['names have letters of all kinds', '$ä', 'umlaut'],
    ['a longer name is another', 'x$Ax', 'x'],
    ['digits are names of their own', '$1A', 'A'],
    ['a dollar alone', 'a$', 'a$'],
    ['a dollar in front of what is no name', '$(a) $"A"', '$(a) $A'],
    ['single quotes keep everything', String.raw`'$A\'`, String.raw`$A\ `.trim()],
    ['double quotes expand', '"$A b"', 'value b'],
    ['double quotes keep single ones', `"'$A'"`, "'value'"],
    ['quotes within a word', `a"b"'c'd`, 'abcd'],
    ['an escape', String.raw`\$A \" \a`, '$A " a'],
    ['an escape at the end', 'a\\', 'a'],
    ['escapes in double quotes', String.raw`"\$A \" \\ \a"`, String.raw`$A " \ \a`],
    ['- for what is not set', '${UNSET-x}${NONE-y}${A-z}', 'xyvalue'],
    ['- leaves what is empty', '${EMPTY-x}', ''],
    [':- also for what is empty', '${EMPTY:-x}${NONE:-y}${A:-z}', 'xyvalue'],
    ['+ for what is set', '${A+x}${EMPTY+y}${NONE+z}', 'xy'],
    [':+ not for what is empty', '${A:+x}${EMPTY:+y}${UNSET:+z}', 'x'],
    ['? for what is set', '${A?no}${A:?no}${EMPTY?no}', 'valuevalue'],
    ['operands are expanded', '${NONE:-a${A}b}', 'avalueb'],
    ['operands in operands', '${NONE:-${UNSET:-${A}}}', 'value'],
    ['operands in quotes', `\${NONE:-"}"}\${NONE:-'}'}`, '}}'],
    ['# takes the shortest away in front', '${PATH#*/}', 'usr/local/bin'],
    ['## takes the longest', '${PATH##*/}', 'bin'],
    ['% takes the shortest away behind', '${F%.*}', 'a.tar'],
    ['%% takes the longest', '${F%%.*}', 'a'],
    ['a pattern that does not match', '${F#b}${F%b}', 'a.tar.gza.tar.gz'],
    ['? is one character', '${A#??}', 'lue'],
    ['escapes in patterns', String.raw`\${STARS#a\*}`.slice(1), 'b?c\\d'],
    ['a backslash in a pattern', String.raw`\${STARS##*\\}`.slice(1), 'd'],
    ['brackets mean themselves', '${A#[v]}', 'value'],
    ['patterns are expanded', '${PATH#$PATH}', ''],
    ['/ replaces the first', '${F/a/b}', 'b.tar.gz'],
    ['// replaces every one', '${F//a/b}', 'b.tbr.gz'],
    ['/ with a run takes the longest', '${PATH/l*l/x}', '/usr/x/bin'],
    ['// with a run', String.raw`\${PATH//\/*/-}`.slice(1), '-'],
    ['escapes that braces need', String.raw`\${PATH/\/usr/\}}`.slice(1), '\\}/local/bin'],
    ['/ with nothing', '${F//a/}', '.tr.gz'],
    ['/ with what is not there', '${F/x*/b}', 'a.tar.gz'],
  ])('%s: %s', (_, text, expected) => {
    expect(expand(text).value).toBe(expected)
  })

  it('escapes with ` where the file says so', () => {
    expect(expand('`$A \\$A', '`').value).toBe('$A \\value')
  })
})

describe('expandWord(): what is missing', () => {
  it.each<[string, readonly string[]]>([
    ['$NONE ${UNSET} $A', ['NONE', 'UNSET']],
    ['${NONE:-x}', []],
    ['${NONE:-$UNSET}', ['UNSET']],
    ['${NONE:+$UNSET}', []],
    ['${A:-$UNSET}', []],
    ['${NONE#x}', ['NONE']],
    ['${EMPTY}', []],
  ])('%s', (text, expected) => {
    expect([...expand(text).missing]).toEqual(expected)
  })

  it('says whose values were taken', () => {
    expect([...expand('$A${NONE:-$F}${PATH:+x}').used].map(({ name }) => name)).toEqual(['A', 'F', 'PATH'])
  })
})

describe('expandWord(): what cannot be read', () => {
  it.each([
    ["'a", "the quote ' is not closed"],
    ['"a', 'the quote " is not closed'],
    ['${A', '"}" is missing'],
    ['${', '"}" is missing'],
    ['${}', 'no name after "${"'],
    ['${:-a}', 'no name after "${"'],
    ['${A:-x', '"}" is missing'],
    ['${A/x}', '"/" is missing'],
    ['${A:x}', '"${A:x" has no operator that Dockerfiles know'],
    ['${A:#x}', '"${A:#" has no operator that Dockerfiles know'],
    ['${A^^}', '"${A^" has no operator that Dockerfiles know'],
    ['${UNSET?which}', 'UNSET has no value: which'],
    ['${EMPTY:?}', 'EMPTY must have a value'],
    [String.raw`\${A#\x}`.slice(1), 'a backslash in a pattern stands before "*", "?", "}", "/" or "\\"'],
    [`${'${A:-'.repeat(40)}x${'}'.repeat(40)}`, 'more than 32 "${" in each other'],
  ])('%s', (text, problem) => {
    expect(problemOf(text)).toBe(problem)
  })

  it('a value beyond all measure', () => {
    const long: Variable = { name: 'L', value: 'x'.repeat(60_000), missing: new Set() }
    const word = parseWord(source('$L$L'), '\\')
    expect(() => expandWord(word, () => long, new ExpansionBudget())).toThrow(/longer than 65536/)
  })

  it('more work than a file may cause', () => {
    const long: Variable = { name: 'L', value: 'x'.repeat(60_000), missing: new Set() }
    const budget = new ExpansionBudget()
    const word = parseWord(source(`\${L#${'?'.repeat(500)}a}`), '\\')
    expect(() => {
      for (let round = 0; round < 100; round += 1) expandWord(word, () => long, budget)
    }).toThrow(/beyond all measure/)
  })
})

describe('literalOf()', () => {
  it.each([
    ['python:3.12', 'python:3.12'],
    ['"python:3.12"', 'python:3.12'],
    ['', ''],
    ['""', ''],
    ['py"thon"', undefined],
    [String.raw`py\thon`, undefined],
    ['python:$V', undefined],
  ])('%s: %s', (text, expected) => {
    const literal = literalOf(parseWord(source(text), '\\'))
    expect(literal?.text).toBe(expected)
    expect(literal === undefined ? undefined : text.slice(literal.start, literal.end)).toBe(expected)
  })
})

describe('expandWord(): laws', () => {
  const text = fc.array(
    fc.constantFrom(
      'a',
      '$',
      '{',
      '}',
      ':',
      '-',
      '+',
      '#',
      '%',
      '/',
      '*',
      '?',
      '"',
      "'",
      '\\',
      'A',
      'ä',
      '😀',
    ),
    { maxLength: 25 },
  )

  it('gives a value or says what is wrong, whatever the word', () => {
    fc.assert(
      fc.property(text, (parts) => {
        expect(typeof problemOf(parts.join(''))).toBe('string')
      }),
      { numRuns: 2000 },
    )
  })

  it('single quotes give back what is in them', () => {
    fc.assert(
      fc.property(fc.string(), (inner) => {
        const quoted = inner.replaceAll("'", '')
        expect(expand(`'${quoted}'`).value).toBe(quoted)
      }),
    )
  })

  it('a pattern without wildcards is what startsWith and replaceAll do', () => {
    const letters = fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(letters, letters, (value, pattern) => {
        fc.pre(pattern !== '')
        const lookup = (): Variable => ({ name: 'X', value, missing: new Set() })
        const run = (word: string): string =>
          expandWord(parseWord(source(word), '\\'), lookup, new ExpansionBudget()).value
        expect(run(`\${X#${pattern}}`)).toBe(value.startsWith(pattern) ? value.slice(pattern.length) : value)
        expect(run(`\${X%${pattern}}`)).toBe(
          value.endsWith(pattern) ? value.slice(0, -pattern.length) : value,
        )
        expect(run(`\${X//${pattern}/-}`)).toBe(value.replaceAll(pattern, '-'))
        expect(run(`\${X/${pattern}/-}`)).toBe(value.replace(pattern, '-'))
      }),
    )
  })

  it('patterns with wildcards match as regular expressions do', () => {
    const texts = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 }).map((parts) => parts.join(''))
    const patterns = fc
      .array(fc.constantFrom('a', 'b', '*', '?'), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(texts, patterns, (value, pattern) => {
        const lazy = pattern.replaceAll('?', '.').replaceAll('*', '.*?')
        const lookup = (): Variable => ({ name: 'X', value, missing: new Set() })
        const run = (word: string): string =>
          expandWord(parseWord(source(word), '\\'), lookup, new ExpansionBudget()).value
        const exact = pattern.replaceAll('?', '.').replaceAll('*', '.*')
        expect(run(`\${X##${pattern}}`)).toBe(value.replace(new RegExp(`^${exact}`), ''))
        expect(run(`\${X#${pattern}}`)).toBe(value.replace(new RegExp(`^${lazy}`), ''))
      }),
      { numRuns: 500 },
    )
  })
})
