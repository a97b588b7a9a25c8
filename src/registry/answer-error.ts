import * as v from 'valibot'
import type { LadingError } from '../errors/index.ts'
import { NotFoundError, RateLimitedError, UnavailableError, UnsupportedError } from '../content/index.ts'
import type { HttpResponse } from '../http/index.ts'
import { type Access, accessRefused } from './access-refused.ts'

/** What a registry says went wrong, cut and cleaned for showing. */
export interface RegistryComplaint {
  /** Codes of the distribution specification, upper case: `MANIFEST_UNKNOWN`. */
  readonly codes: readonly string[]
  /** One line; undefined where the body says nothing. */
  readonly text: string | undefined
}

const largestBody = 64 * 1024
const longestText = 300

/**
 * The error for an answer that is not the one hoped for. Its status decides; the body, of whatever format, only
 * adds its `errors[].code` and `message`, where it has them.
 *
 * @param doing What could not be done: `fetch sha256:… from docker.io/library/x`.
 */
export async function answerError(
  response: HttpResponse,
  doing: string,
  access: Access,
): Promise<LadingError> {
  return errorForStatus(response, await readComplaint(response), doing, access)
}

/** Reads the body of an answer that tells of an error; never rejects. */
export async function readComplaint(response: HttpResponse): Promise<RegistryComplaint> {
  let body: Uint8Array
  try {
    body = await response.bytes(largestBody)
  } catch {
    return { codes: [], text: undefined }
  }
  return parseComplaint(body)
}

/** {@link answerError} where the body has been read. */
export function errorForStatus(
  response: HttpResponse,
  complaint: RegistryComplaint,
  doing: string,
  access: Access,
): LadingError {
  const { status } = response
  const { codes, text } = complaint
  const said = text === undefined ? '' : ` (${text})`
  if (status === 429 || codes.includes('TOOMANYREQUESTS')) {
    const retryAfter = retryAfterSeconds(response.header('retry-after'))
    const wait = retryAfter === undefined ? '' : `; it asks to wait ${retryAfter} s`
    return new RateLimitedError(`Cannot ${doing}: ${access.host} limits the rate of requests${wait}${said}`, {
      retryAfter,
      hint:
        access.credentials === undefined
          ? `Registries often allow more to those who log in: lading login ${access.host}`
          : undefined,
    })
  }
  if (status === 401) return accessRefused('UNAUTHORIZED', doing, access, text)
  if (status === 403) return accessRefused('DENIED', doing, access, text)
  if (codes.includes('NAME_UNKNOWN')) {
    return new NotFoundError(`Cannot ${doing}: ${access.host} knows no such repository${said}`, {
      hint: 'Check the name; some registries (ECR) want a repository to be made before something is pushed to it.',
    })
  }
  if (status === 404 || status === 410) {
    return new NotFoundError(`Cannot ${doing}: ${access.host} does not have it${said}`)
  }
  if (status === 405 || status === 501 || codes.includes('UNSUPPORTED')) {
    return new UnsupportedError(`Cannot ${doing}: ${access.host} does not support it${said}`)
  }
  return new UnavailableError(`Cannot ${doing}: ${access.host} answered with status ${status}${said}`, {
    status,
  })
}

const Complaints = v.object({
  errors: v.array(
    v.looseObject({
      code: v.fallback(v.optional(v.string()), undefined),
      message: v.fallback(v.optional(v.string()), undefined),
      detail: v.optional(v.unknown()),
    }),
  ),
})

/** Reads the body of an answer that tells of an error. Total. */
export function parseComplaint(bytes: Uint8Array): RegistryComplaint {
  const body = new TextDecoder().decode(bytes.subarray(0, largestBody))
  const listed = v.safeParse(Complaints, parseJson(body))
  if (!listed.success) return { codes: [], text: looksLikeText(body) ? oneLine(body) : undefined }
  const errors = listed.output.errors.slice(0, 5)
  const texts = errors.map(({ code, message }) => [code, message].filter(Boolean).join(': '))
  return {
    codes: errors.flatMap(({ code }) => (code === undefined ? [] : [code.toUpperCase()])),
    text: oneLine(texts.filter((text) => text !== '').join('; ')),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** HTML error pages of proxies and unknown JSON say nothing to a person. */
function looksLikeText(body: string): boolean {
  return !/^\s*[<{[]/.test(body)
}

function oneLine(text: string): string | undefined {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
  if (clean === '') return undefined
  return clean.length > longestText ? `${clean.slice(0, longestText)}…` : clean
}

/** Seconds of a `Retry-After` header, which may also be a date (RFC 9110 §10.2.3). */
function retryAfterSeconds(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value.trim())) return Number(value)
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000))
}
