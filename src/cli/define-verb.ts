import { type BaseArgs, type Command, type TypedCommandParameters, buildCommand } from '@stricli/core'
import type { CliContext } from './context.ts'
import type { OutputFlags } from './output-flags.ts'
import type { Example, FlagDescription, VerbDescription } from './verb-description.ts'

/** A verb: how its command line reads, and its command for the parser. */
export interface Verb extends VerbDescription {
  readonly command: Command<CliContext>
}

/** What help and completion read of a verb's parameters. */
interface DescribedParameters {
  readonly flags: Readonly<Record<string, FlagDescription>>
  readonly aliases?: Readonly<Record<string, string>>
}

/** What a verb is made of; its flags include {@link OutputFlags}. */
export interface VerbDefinition<
  Flags extends OutputFlags & Readonly<Record<string, unknown>>,
  Args extends BaseArgs,
> {
  readonly name: string
  readonly brief: string
  readonly description: string
  /** The command lines that people type, the three most usual first. */
  readonly examples: readonly Example[]
  /** The positional arguments, as `IMAGE…` or `SOURCE DESTINATION`. */
  readonly usage: string
  readonly parameters: TypedCommandParameters<Flags, Args, CliContext> & DescribedParameters
  readonly run: (context: CliContext, flags: Flags, ...args: Args) => Promise<void>
}

/** Makes a verb. */
export function defineVerb<
  Flags extends OutputFlags & Readonly<Record<string, unknown>>,
  Args extends BaseArgs,
>(definition: VerbDefinition<Flags, Args>): Verb {
  const { name, brief, description, examples, usage, parameters, run } = definition
  const command = buildCommand<Flags, Args, CliContext>({
    docs: { brief },
    parameters,
    async func(this: CliContext, flags, ...args) {
      await this.output.run(flags, () => run(this, flags, ...args))
    },
  })
  return {
    name,
    brief,
    description,
    examples,
    usage,
    flags: parameters.flags,
    aliases: parameters.aliases ?? {},
    command,
  }
}
