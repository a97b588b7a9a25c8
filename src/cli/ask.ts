import { UsageError } from '../errors/index.ts'
import type { CliContext } from './context.ts'

/** Whether questions can be asked: somebody sits in front of both ends. */
export function canAsk(context: CliContext): boolean {
  return context.stdin().isTTY === true && context.output.hasLiveProgress
}

/** Asks for a yes on the terminal; everything else is a no. */
export async function confirm(context: CliContext, question: string): Promise<boolean> {
  const prompts = await import('@clack/prompts')
  const answer = await prompts.confirm({
    message: question,
    initialValue: false,
    input: context.stdin(),
    output: context.output.errorWritable,
    signal: context.signal,
  })
  context.signal.throwIfAborted()
  return answer === true
}

/** Asks for a text on the terminal. @throws {UsageError} when it is cancelled. */
export async function ask(context: CliContext, question: string): Promise<string> {
  const prompts = await import('@clack/prompts')
  const answer = await prompts.text({
    message: question,
    input: context.stdin(),
    output: context.output.errorWritable,
    signal: context.signal,
  })
  return given(context, answer)
}

/** Asks for a secret on the terminal; what is typed is not shown. @throws {UsageError} when it is cancelled. */
export async function askSecret(context: CliContext, question: string): Promise<string> {
  const prompts = await import('@clack/prompts')
  const answer = await prompts.password({
    message: question,
    mask: '•',
    input: context.stdin(),
    output: context.output.errorWritable,
    signal: context.signal,
  })
  return given(context, answer)
}

function given(context: CliContext, answer: string | symbol): string {
  context.signal.throwIfAborted()
  if (typeof answer === 'string') return answer
  throw new UsageError('Cannot go on: the question was not answered')
}
