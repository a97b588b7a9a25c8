import { LimitExceededError } from '../../content/index.ts'
import { HttpBodyTooLargeError, type HttpResponse } from '../../http/index.ts'

/** The body of an answer of GitHub. @throws {LimitExceededError} past `limit` bytes. */
export async function githubBody(response: HttpResponse, limit: number, owner: string): Promise<Uint8Array> {
  try {
    return await response.bytes(limit)
  } catch (error) {
    if (!(error instanceof HttpBodyTooLargeError)) throw error
    throw new LimitExceededError(
      `Cannot read the attestations of ${owner} at GitHub: an answer has more than ${limit} bytes`,
      { cause: error },
    )
  }
}
