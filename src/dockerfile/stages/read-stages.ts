import type { SourceText } from '../parser/source-text.ts'
import type { Dockerfile, Instruction } from '../parser/syntax-tree.ts'
import { type FromClause, readFromClause } from './from-clause.ts'

/** A stage: a `FROM` and what follows it. */
export interface Stage {
  readonly index: number
  readonly from: Instruction
  readonly clause: FromClause
  /** Behind the `FROM`. */
  readonly instructions: readonly Instruction[]
}

/** A Dockerfile by its stages. */
export interface Stages {
  /** The `ARG`s above the first `FROM`. */
  readonly globals: readonly Instruction[]
  readonly stages: readonly Stage[]
  readonly problems: readonly StageProblem[]
}

/** What BuildKit would refuse of the stages. */
export interface StageProblem {
  /** Where it stands. */
  readonly source: SourceText
  /** Ends "Cannot read FILE: …". */
  readonly message: string
  readonly hint?: string | undefined
}

/** How many stages are read. */
const mostStages = 1000

/** Sorts the instructions of a Dockerfile into stages. */
export function readStages(dockerfile: Dockerfile): Stages {
  const globals: Instruction[] = []
  const stages: (Stage & { readonly instructions: Instruction[] })[] = []
  const problems: StageProblem[] = []
  let isBehindFrom = false
  for (const instruction of dockerfile.instructions) {
    const stage = stages.at(-1)
    if (instruction.name !== 'FROM') {
      if (stage !== undefined) stage.instructions.push(instruction)
      else if (instruction.name === 'ARG' && !isBehindFrom) globals.push(instruction)
      else if (instruction.name !== undefined && !isBehindFrom) problems.push(beforeFrom(instruction))
      continue
    }
    isBehindFrom = true
    const clause = readFromClause(instruction)
    if (clause === undefined) problems.push(wrongFrom(instruction))
    else {
      stages.push({ index: stages.length, from: instruction, clause, instructions: [] })
      if (stages.length > mostStages) {
        problems.push({ source: instruction.keyword, message: `there are more than ${mostStages} stages` })
        break
      }
    }
  }
  return { globals, stages, problems }
}

function wrongFrom(instruction: Instruction): StageProblem {
  return {
    source: instruction.keyword,
    message: 'FROM takes an image, or an image, AS and a name',
    hint: 'Write FROM image AS name.',
  }
}

function beforeFrom(instruction: Instruction): StageProblem {
  return {
    source: instruction.keyword,
    message: `${instruction.keyword.text} stands before the first FROM, where only ARG may`,
    hint: 'Put it below the FROM of its stage.',
  }
}
