import {
  type EscapeCharacter,
  platformArguments,
  readAssignments,
  type Scope,
  type Stage,
} from '../../../dockerfile/index.ts'

/** Where a name might have got its value. */
interface Declarations {
  readonly globals: Scope
  /** The names that stages declare. */
  readonly inStages: ReadonlySet<string>
}

/** The names that the stages of a Dockerfile declare by `ARG`. */
export function argumentsOfStages(stages: readonly Stage[], escape: EscapeCharacter): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { instructions } of stages) {
    for (const instruction of instructions) {
      if (instruction.name !== 'ARG') continue
      for (const { name } of readAssignments(instruction, escape)) names.add(name)
    }
  }
  return names
}

/** Why names in a `FROM` have no value, and what gives them one. */
export function whyMissing(missing: ReadonlySet<string>, declarations: Declarations): string {
  return [...missing].map((name) => whyOne(name, declarations)).join('; ')
}

function whyOne(name: string, { globals, inStages }: Declarations): string {
  const binding = globals.lookup(name)
  if (binding?.problem !== undefined) return `the default of ARG ${name} cannot be read: ${binding.problem}`
  if (binding?.kind === 'given') return `${name} is given a value that is not known`
  if (platformArguments.has(name)) return `${name} depends on the platform of the build`
  if (binding !== undefined) return `ARG ${name} has no default; ARG ${name}=VALUE gives it one`
  return inStages.has(name)
    ? `ARG ${name} stands below a FROM, and FROM sees only what is above the first; move it there`
    : `there is no ARG ${name} above the first FROM; ARG ${name}=VALUE gives it a value`
}
