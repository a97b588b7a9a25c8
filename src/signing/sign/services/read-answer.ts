import * as v from 'valibot'
import { firstIssue } from '../../bundle/first-issue.ts'
import { SigningServiceError } from '../errors.ts'
import type { ServiceAnswer, ServiceRequest } from './ask-service.ts'

/**
 * The JSON of an answer in the shape that it should have.
 *
 * @throws {SigningServiceError} naming what is wrong with it.
 */
export function readAnswer<Schema extends v.GenericSchema>(
  schema: Schema,
  { doing, url }: ServiceRequest,
  { bytes }: ServiceAnswer,
): v.InferOutput<Schema> {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new SigningServiceError(`Cannot ${doing}: the answer of ${url.host} is not JSON`, { cause: error })
  }
  const result = v.safeParse(schema, json, { abortEarly: true })
  if (result.success) return result.output
  throw new SigningServiceError(
    `Cannot ${doing}: the answer of ${url.host} cannot be read: ${firstIssue(result.issues)}`,
  )
}
