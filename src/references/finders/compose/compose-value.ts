import type { EditSite, Origin } from '../../occurrence.ts'
import type { ScalarOccurrences } from '../../yaml/scalar-occurrence.ts'
import type { YamlScalar } from '../../yaml/yaml-node.ts'
import { interpolate } from './interpolate.ts'
import { parseTemplate, type TemplatePart } from './parse-template.ts'
import type { EnvironmentEntry } from './environment-entry.ts'

/** A value of a compose file, from a character of its scalar on. */
export interface ComposeValue {
  readonly scalar: YamlScalar
  /** What it comes to; undefined where that is not known. */
  readonly text: string | undefined
  /** Why it is not known. */
  readonly problem: string
  readonly origins: readonly Origin[]
  /** How it is edited where all of it is an image. */
  readonly edit: EditSite
}

/** Reads values of one compose file, with what its `.env` says. */
export class ComposeValues {
  readonly #make: ScalarOccurrences
  readonly #environment: ReadonlyMap<string, EnvironmentEntry>

  constructor(make: ScalarOccurrences, environment: ReadonlyMap<string, EnvironmentEntry>) {
    this.#make = make
    this.#environment = environment
  }

  /** The value of a scalar from its character `from` on, as for `docker-image://`. */
  read(scalar: YamlScalar, from = 0): ComposeValue {
    const written = scalar.text.slice(from)
    if (!written.includes('$')) {
      return { scalar, text: written, problem: '', origins: [], edit: this.#make.editOf(scalar, from) }
    }
    const parts = parseTemplate(written)
    if (parts === undefined)
      return {
        scalar,
        text: undefined,
        problem: 'its variables are not written as compose reads them; $$ is a dollar sign',
        origins: [],
        edit: { kind: 'none', reason: 'its variables cannot be read' },
      }
    const { text, missing, used } = interpolate(parts, this.#environment)
    const names = [...missing].join(', ')
    return {
      scalar,
      text: missing.size === 0 ? text : undefined,
      problem: `${names} ${missing.size === 1 ? 'has' : 'have'} no value in .env and no default; \${NAME:-value} gives one`,
      origins: [...used].flatMap(([name, entry]) => (entry === undefined ? [] : [{ name, ...entry }])),
      edit: this.#editOf(scalar, parts, from, used),
    }
  }

  /** The default of a variable can be edited where it is all there is. */
  #editOf(
    scalar: YamlScalar,
    parts: readonly TemplatePart[],
    from: number,
    used: ReadonlyMap<string, EnvironmentEntry | undefined>,
  ): EditSite {
    const [part] = parts
    const names = [...used.keys()].slice(0, 5).join(', ')
    if (parts.length !== 1 || part?.kind !== 'variable')
      return { kind: 'none', reason: `it is put together with ${names}` }
    const entry = used.get(part.name)
    if (entry !== undefined && !part.operator.endsWith('+'))
      return { kind: 'none', reason: `${part.name} comes from ${entry.at.file}` }
    const isLiteral = part.word.length === 1 && part.word[0]?.kind === 'text'
    if (!part.operator.endsWith('-') || !isLiteral || scalar.verbatim === undefined)
      return { kind: 'none', reason: `it is put together with ${names}` }
    const start = scalar.verbatim.start + from
    const word = scalar.text.slice(from + part.wordStart, from + part.wordEnd)
    if (word.includes('$')) return { kind: 'none', reason: `it is put together with ${names}` }
    return this.#make.editAt({ start: start + part.wordStart, end: start + part.wordEnd })
  }
}
