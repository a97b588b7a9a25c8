import { UsageError } from '../../../errors/index.ts'
import { serviceUrlProblem } from './service-url.ts'

/**
 * The URL of a service as a person writes it.
 *
 * @throws {UsageError} it is none, neither https nor on this machine, or holds a user.
 */
export function readServiceUrl(text: string): URL {
  const problem = serviceUrlProblem(text)
  if (problem !== undefined) throw new UsageError(`Cannot use the service: ${problem}`)
  return new URL(text)
}
