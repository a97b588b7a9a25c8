import * as v from 'valibot'
import { UnavailableError } from '../content/index.ts'

/**
 * Reads an answer's body as JSON of a known shape.
 *
 * @param what What it is, for the error: `tags of docker.io/library/python`.
 * @throws {UnavailableError} when it is not JSON, or of another shape.
 */
export function parseJsonBody<Schema extends v.GenericSchema>(
  bytes: Uint8Array,
  schema: Schema,
  what: string,
): v.InferOutput<Schema> {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    throw new UnavailableError(`Cannot read the ${what}: the answer is not JSON`, { cause: error })
  }
  const result = v.safeParse(schema, json)
  if (result.success) return result.output
  const issue = result.issues[0]
  const path = v.getDotPath(issue) ?? ''
  throw new UnavailableError(
    `Cannot read the ${what}: ${path === '' ? '' : `${path}: `}the answer has another shape`,
  )
}
