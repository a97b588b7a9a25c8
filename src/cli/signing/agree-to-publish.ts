import { canAsk, confirm } from '../ask.ts'
import type { SigningServices } from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { InterruptedError } from '../exit-code.ts'
import type { SigningFlags } from './signing-flags.ts'

/**
 * Asks a person, whose address will be in the certificate, whether a log may publish it; a job is not asked.
 *
 * @throws {InterruptedError} when it may not.
 */
export async function agreeToPublish(
  context: CliContext,
  { key, yes }: SigningFlags,
  { logs }: SigningServices,
): Promise<void> {
  const [log] = logs
  if (key !== undefined || yes === true || log === undefined || !canAsk(context)) return
  context.output.note(
    `The log ${log.url.host} publishes who signs, an e-mail address for example, and what, and keeps it for ever.`,
  )
  if (await confirm(context, 'Sign?')) return
  context.output.note('nothing was signed')
  throw new InterruptedError(130)
}
