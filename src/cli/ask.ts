import type { CliContext } from './context.ts'
import { InterruptedError } from './exit-code.ts'

/** Whether questions can be asked: somebody sits in front of both ends. */
export function canAsk(context: CliContext): boolean {
  return context.stdin().isTTY === true && context.output.hasLiveProgress
}

/** Asks for a yes or no on the terminal; no where nothing was chosen. @throws {InterruptedError} when it is cancelled. */
export async function confirm(context: CliContext, question: string): Promise<boolean> {
  const prompts = await import('@clack/prompts')
  const answer = await prompts.confirm({
    message: question,
    initialValue: false,
    input: context.stdin(),
    output: context.output.errorWritable,
    signal: context.signal,
  })
  return given<boolean>(context, answer)
}

/** Asks for a text on the terminal. @throws {InterruptedError} when it is cancelled. */
export async function ask(context: CliContext, question: string): Promise<string> {
  const prompts = await import('@clack/prompts')
  const answer = await prompts.text({
    message: question,
    input: context.stdin(),
    output: context.output.errorWritable,
    signal: context.signal,
  })
  return given<string>(context, answer)
}

/** Asks for a secret on the terminal; what is typed is not shown. @throws {InterruptedError} when it is cancelled. */
export async function askSecret(context: CliContext, question: string): Promise<string> {
  const prompts = await import('@clack/prompts')
  const answer = await prompts.password({
    message: question,
    mask: '•',
    input: context.stdin(),
    output: context.output.errorWritable,
    signal: context.signal,
  })
  return given<string>(context, answer)
}

/** Ctrl-C reaches the question as a key, not the process as a signal. */
function given<Answer extends string | boolean>(context: CliContext, answer: Answer | symbol): Answer {
  context.signal.throwIfAborted()
  if (typeof answer === 'symbol') throw new InterruptedError(130)
  return answer
}
