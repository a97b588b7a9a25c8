import {
  type Dockerfile,
  ExpansionBudget,
  type Instruction,
  InvalidWordError,
  parseWord,
  platformArguments,
  readAssignments,
  readFromClause,
  readStages,
  Scope,
  type SourceText,
  type Stage,
  StageNames,
  type StageProblem,
  type Word,
} from '../../../dockerfile/index.ts'
import type { OccurrenceTarget } from '../../occurrence.ts'
import { allUsed } from './all-used.ts'
import { findDownloads } from './downloads.ts'
import { findPin } from './find-pin.ts'
import { flaggedImages } from './flagged-images.ts'
import { knownPlatforms } from './known-platforms.ts'
import { argumentsOfStages, whyMissing } from './missing-arguments.ts'
import type { NamedImage } from './named-image.ts'
import { readTarget } from './read-target.ts'
import { withDistinctPlaces } from '../distinct-places.ts'
import { withSharedPins } from './shared-pins.ts'

/** What a Dockerfile is built with besides itself. */
export interface BuildInputs {
  /** Build arguments: compose's `args`, Bake's `args`; undefined: there is one, and its value is not known. */
  readonly args: ReadonlyMap<string, string | undefined>
  /** Names of contexts that take the place of images: `additional_contexts`, `contexts`. */
  readonly contexts: ReadonlySet<string>
}

/** The images that a Dockerfile names, and what BuildKit would refuse of its stages. */
export interface NamedImages {
  readonly images: readonly NamedImage[]
  readonly problems: readonly StageProblem[]
}

/** Finds every image that the instructions of a Dockerfile name; `# syntax=` is not one of them. */
export function findNamedImages(dockerfile: Dockerfile, inputs: BuildInputs): NamedImages {
  return new ImageSearch(dockerfile, inputs).search()
}

/** How many `ARG`s stand above the first `FROM` of a file whose stages are chosen by platform. */
const mostArguments = 1000

/** Goes through the stages of one Dockerfile, with what its names stand for at each place. */
class ImageSearch {
  readonly #dockerfile: Dockerfile
  readonly #inputs: BuildInputs
  readonly #budget: ExpansionBudget = new ExpansionBudget()
  readonly #globals: Scope
  readonly #globalArguments: readonly Instruction[]
  readonly #stages: readonly Stage[]
  readonly #names: StageNames
  readonly #problems: readonly StageProblem[]
  readonly #images: NamedImage[] = []
  #inStages: ReadonlySet<string> | undefined
  #platformScopes: readonly Scope[] | undefined

  constructor(dockerfile: Dockerfile, inputs: BuildInputs) {
    this.#dockerfile = dockerfile
    this.#inputs = inputs
    const { globals, stages, problems } = readStages(dockerfile)
    this.#globalArguments = globals
    this.#stages = stages
    this.#problems = problems
    this.#names = new StageNames(stages)
    this.#globals = this.#globalScope(undefined)
  }

  search(): NamedImages {
    const scopes = new Map<Stage, Scope>()
    for (const stage of this.#stages) {
      const base = this.#readFrom(stage)
      const scope = new Scope({
        escape: this.#dockerfile.escape,
        budget: this.#budget,
        given: this.#inputs.args,
        globals: this.#globals,
        parent: base === undefined ? undefined : scopes.get(base),
      })
      scopes.set(stage, scope)
      for (const instruction of stage.instructions) this.#readInstruction(instruction, scope)
    }
    this.#readTemplates()
    return { images: withDistinctPlaces(withSharedPins(this.#images)), problems: this.#realProblems() }
  }

  /** Notes the image of a `FROM`; gives the stage where it is one. */
  #readFrom(stage: Stage): Stage | undefined {
    const { image, name, platform } = stage.clause
    const at = {
      place: `FROM:${name?.text ?? ''}`,
      written: image,
      platform: platform === undefined || platform.text.includes('$') ? undefined : platform.text,
    }
    let word: Word
    try {
      word = parseWord(image, this.#dockerfile.escape)
      const { value, missing, used } = this.#globals.expand(word)
      if (missing.size > 0) {
        const byPlatform = this.#stageByPlatform(word, missing, stage)
        if (byPlatform !== undefined) return byPlatform
        this.#add({
          ...at,
          target: unresolved(this.#whyMissing(missing)),
          used: allUsed(used),
          missing,
          pin: noPin,
        })
        return undefined
      }
      const base = this.#names.above(value, stage)
      if (base !== undefined || value === 'scratch' || this.#isContext(value)) return base
      this.#add({
        ...at,
        target: value === '' ? unresolved('it is empty') : readTarget(value),
        used: allUsed(used),
        missing,
        pin: findPin(word, (wanted) => this.#globals.lookup(wanted)),
      })
    } catch (error) {
      if (!(error instanceof InvalidWordError)) throw error
      this.#add({ ...at, target: unresolved(error.problem), used: new Set(), missing: new Set(), pin: noPin })
    }
    return undefined
  }

  #readInstruction(instruction: Instruction, scope: Scope): void {
    const { escape } = this.#dockerfile
    if (instruction.name === 'ARG')
      for (const assignment of readAssignments(instruction, escape)) scope.declare(assignment)
    else if (instruction.name === 'ENV') scope.setEnvironment(readAssignments(instruction, escape))
    else {
      for (const { place, image } of flaggedImages(instruction)) this.#readFlag(place, image)
      for (const download of findDownloads(instruction, scope, escape)) this.#images.push(download)
    }
  }

  /** Notes the image of `--from=` or of a mount; BuildKit expands nothing there. */
  #readFlag(place: string, image: SourceText): void {
    const name = image.text
    const index = /^[+-]?\d+$/.test(name) ? Number(name) : undefined
    const isStage =
      index === undefined ? this.#names.named(name) !== undefined : this.#names.numbered(index) !== undefined
    if (name === '' || name === 'scratch' || isStage || this.#isContext(name)) return
    const pin = image.isContiguous
      ? ({ kind: 'text', text: image } as const)
      : ({ kind: 'none', reason: 'it is broken by quotes, escapes or lines' } as const)
    this.#add({
      place,
      written: image,
      target: flagTarget(name, index),
      used: new Set(),
      missing: new Set(),
      pin,
    })
  }

  #add(image: NamedImage): void {
    const { target, pin, place, written } = image
    const name = target.kind === 'image' ? target.reference.familiarName : written.text
    this.#images.push({
      ...image,
      place: place.endsWith(':') ? `${place}${name}` : place,
      pin: target.kind === 'image' ? pin : noPin,
    })
  }

  /** A `FROM` of a template that is filled in before it is a Dockerfile, as `FROM {{ base }}`. */
  #readTemplates(): void {
    for (const instruction of this.#dockerfile.instructions) {
      if (!isTemplate(instruction)) continue
      this.#add({
        place: 'FROM:',
        written: instruction.rest,
        target: readTarget(instruction.rest.text),
        used: new Set(),
        missing: new Set(),
        pin: noPin,
      })
    }
  }

  #realProblems(): readonly StageProblem[] {
    const templates = new Set(this.#dockerfile.instructions.filter(isTemplate).map(({ keyword }) => keyword))
    return this.#problems.filter(({ source }) => !templates.has(source))
  }

  /** The stage that a word means on one of the platforms there are. */
  #stageByPlatform(word: Word, missing: ReadonlySet<string>, stage: Stage): Stage | undefined {
    if (
      this.#globalArguments.length > mostArguments ||
      ![...missing].some((name) => platformArguments.has(name))
    )
      return undefined
    this.#platformScopes ??= knownPlatforms.map((platform) => this.#globalScope(platform))
    for (const scope of this.#platformScopes) {
      const { value, missing: still } = scope.expand(word)
      const found = still.size === 0 ? this.#names.above(value, stage) : undefined
      if (found !== undefined) return found
    }
    return undefined
  }

  #globalScope(builtIn: ReadonlyMap<string, string> | undefined): Scope {
    const { escape } = this.#dockerfile
    const scope = new Scope({ escape, budget: this.#budget, given: this.#inputs.args, builtIn })
    for (const instruction of this.#globalArguments)
      for (const assignment of readAssignments(instruction, escape)) scope.declare(assignment)
    return scope
  }

  #whyMissing(missing: ReadonlySet<string>): string {
    this.#inStages ??= argumentsOfStages(this.#stages, this.#dockerfile.escape)
    return whyMissing(missing, { globals: this.#globals, inStages: this.#inStages })
  }

  #isContext(name: string): boolean {
    const { contexts } = this.#inputs
    if (contexts.size === 0) return false
    const target = readTarget(name)
    if (contexts.has(name) || target.kind !== 'image') return contexts.has(name)
    const { reference } = target
    return [reference.familiar, reference.canonical].some(
      (text) =>
        contexts.has(text) || contexts.has(text.replace(/:latest$/, '')) || contexts.has(`${text}:latest`),
    )
  }
}

const noPin = { kind: 'none', reason: 'it is not known which image it is' } as const

function unresolved(reason: string): OccurrenceTarget {
  return { kind: 'unresolved', reason }
}

function flagTarget(name: string, index: number | undefined): OccurrenceTarget {
  if (index !== undefined) return unresolved(`there is no stage ${index}`)
  if (!/\$./.test(name)) return readTarget(name)
  return unresolved(
    'BuildKit expands no variables here; give the image a stage of its own, FROM image AS name',
  )
}

function isTemplate(instruction: Instruction): boolean {
  return (
    instruction.name === 'FROM' &&
    /\{\{|\{%|<%/.test(instruction.rest.text) &&
    readFromClause(instruction) === undefined
  )
}
