import { LimitExceededError, UnavailableError } from '../content/index.ts'
import { HttpBodyTooLargeError, HttpConnectionError, type HttpResponse } from '../http/index.ts'

const mostTries = 3

/**
 * Reads the whole body of a small document; when the connection breaks off in it, the document is asked for again.
 *
 * @param doing As in "Cannot …": `list the tags of docker.io/library/python`.
 * @param ask Gives an answer whose body is wanted.
 * @throws {LimitExceededError} past `limit` bytes.
 * @throws {UnavailableError} when the connection breaks off again and again.
 */
export async function readBody(
  doing: string,
  limit: number,
  ask: () => Promise<HttpResponse>,
): Promise<{ readonly response: HttpResponse; readonly bytes: Uint8Array }> {
  for (let tries = 1; ; tries += 1) {
    const response = await ask()
    try {
      return { response, bytes: await response.bytes(limit) }
    } catch (error) {
      if (error instanceof HttpBodyTooLargeError) {
        throw new LimitExceededError(`Cannot ${doing}: the answer has more than ${limit} bytes`, {
          cause: error,
        })
      }
      if (!(error instanceof HttpConnectionError)) throw error
      if (tries < mostTries) continue
      throw new UnavailableError(`Cannot ${doing}: the connection broke off in the middle of the answer`, {
        cause: error,
        hint: error.hint,
      })
    }
  }
}
