export { detectSyntax, type DetectedSyntax } from './detect-syntax.ts'
export { DockerfileTooLargeError, InvalidWordError } from './errors.ts'
export type { InstructionName } from './parser/instruction-names.ts'
export { parseDockerfile } from './parser/parse-dockerfile.ts'
export { SourceText } from './parser/source-text.ts'
export { splitAtWhite } from './parser/split-words.ts'
export type {
  Blank,
  ByteOrderMark,
  Comment,
  Dockerfile,
  DockerfileNode,
  DockerfileProblem,
  EscapeCharacter,
  Flag,
  Heredoc,
  Instruction,
  ListEntry,
  ParserDirective,
} from './parser/syntax-tree.ts'
export { type Assignment, readAssignments } from './stages/assignments.ts'
export { flagOf } from './stages/flag-of.ts'
export { type FromClause, readFromClause } from './stages/from-clause.ts'
export { StageNames } from './stages/stage-names.ts'
export { type Mount, mountsOf } from './stages/mounts.ts'
export { readStages, type Stage, type StageProblem, type Stages } from './stages/read-stages.ts'
export { type Binding, platformArguments, Scope, type ScopeOptions } from './stages/scope.ts'
export { type Expansion, ExpansionBudget, type Variable } from './words/expand-word.ts'
export { parseWord } from './words/parse-word.ts'
export {
  literalOf,
  type Operation,
  type TextPart,
  type VariablePart,
  type Word,
  type WordPart,
} from './words/word.ts'
