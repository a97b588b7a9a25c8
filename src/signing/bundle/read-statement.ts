import * as v from 'valibot'
import { notVerified } from '../errors.ts'
import type { Statement } from '../types.ts'
import { firstIssue } from './first-issue.ts'

const maxSubjects = 1024
const maxDigests = 32

const shortText = v.pipe(v.string('is not text'), v.maxLength(4096, 'is too long'))

const statementSchema = v.object(
  {
    _type: v.picklist(
      ['https://in-toto.io/Statement/v0.1', 'https://in-toto.io/Statement/v1'],
      'is not that of an in-toto statement v0.1 or v1',
    ),
    subject: v.pipe(
      v.array(
        v.object(
          {
            name: v.optional(shortText, ''),
            digest: v.pipe(
              v.record(shortText, shortText, 'is not an object'),
              v.maxEntries(maxDigests, `has more than ${maxDigests} digests`),
            ),
          },
          'is not an object',
        ),
        'is not a list',
      ),
      v.minLength(1, 'is empty'),
      v.maxLength(maxSubjects, `has more than ${maxSubjects} subjects`),
    ),
    predicateType: v.pipe(shortText, v.minLength(1, 'is empty')),
    predicate: v.optional(v.unknown()),
  },
  'is not a JSON object',
)

/**
 * Reads an in-toto statement (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md).
 *
 * @param payload the bytes that the envelope's signature is over
 * @throws {NotVerifiedError} of the check `statement`.
 */
export function readStatement(payload: Uint8Array): Statement {
  const result = v.safeParse(statementSchema, parseJson(payload), { abortEarly: true })
  if (!result.success)
    throw notVerified('statement', `the signed statement cannot be read: ${firstIssue(result.issues)}`)
  const { _type, subject, predicateType, predicate } = result.output
  return { type: _type, subjects: subject, predicateType, predicate }
}

function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  } catch (error) {
    throw notVerified('statement', 'the signed statement is not JSON', error)
  }
}
