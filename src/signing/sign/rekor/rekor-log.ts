import * as v from 'valibot'
import type { Transport } from '../../../http/index.ts'
import type { OperationOptions } from '../../../content/index.ts'
import { SigningServiceError } from '../errors.ts'
import { askService, refused, type ServiceAnswer, type ServiceRequest } from '../services/ask-service.ts'
import { readAnswer } from '../services/read-answer.ts'
import { below } from '../services/service-url.ts'
import type { LogWitness } from '../types.ts'
import { checkEntry } from './check-entry.ts'
import { type ProposedEntry, proposedEntry } from './proposed-entry.ts'

/** An entry holds a signature and its certificate; the proof has at most 64 hashes. */
const largestAnswer = 4 * 1024 * 1024

/**
 * A log that speaks Rekor's version 1 (https://github.com/sigstore/rekor/blob/main/openapi.yaml). Of an entry that it has
 * already, it gives that one.
 */
export function rekorLog(url: URL, transport: Transport): LogWitness {
  return {
    url: url.href,
    async witness(content, made, options = {}) {
      const proposed = proposedEntry(content, made)
      const request = createRequest(url, transport, proposed, options)
      const answer = await createdOrPresent(request, url)
      const [only, ...more] = Object.values(readAnswer(entriesSchema, request, answer))
      if (only === undefined || more.length > 0)
        throw new SigningServiceError(
          `Cannot ${request.doing}: the answer of ${url.host} holds no entry, or several`,
        )
      return checkEntry(bundleEntry(only), `${proposed.kind} ${proposed.apiVersion}`, made, request.doing)
    },
  }
}

function createRequest(
  url: URL,
  transport: Transport,
  proposed: ProposedEntry,
  { signal }: OperationOptions,
): ServiceRequest {
  return {
    transport,
    doing: `write to the transparency log ${url.host}`,
    method: 'POST',
    url: below(url, '/api/v1/log/entries'),
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: Buffer.from(JSON.stringify(proposed)),
    // What was written the first time is found the second time (409).
    repeatable: true,
    limit: largestAnswer,
    signal,
  }
}

async function createdOrPresent(request: ServiceRequest, url: URL): Promise<ServiceAnswer> {
  const answer = await askService(request)
  if (answer.status === 201) return answer
  const uuid = answer.status === 409 ? entryOf(answer.header('location')) : undefined
  if (answer.status === 413)
    throw refused(
      request,
      answer,
      'A log of Rekor v1 is sent the whole statement; one of v2 takes its hash alone.',
    )
  if (uuid === undefined) throw refused(request, answer)
  const { body: _, ...rest } = request
  const lookup: ServiceRequest = { ...rest, method: 'GET', url: below(url, `/api/v1/log/entries/${uuid}`) }
  const present = await askService(lookup)
  if (present.status !== 200) throw refused(lookup, present)
  return present
}

/** The entry's name out of a path, and nothing else of it: a tree's 16 digits may stand in front of its 64. */
function entryOf(location: string | undefined): string | undefined {
  return /\/api\/v1\/log\/entries\/([0-9a-f]{64}|[0-9a-f]{80})$/.exec(location ?? '')?.[1]
}

const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const hex = v.pipe(v.string(), v.maxLength(128), v.regex(/^(?:[0-9a-f]{2})+$/, 'is not hex'))

const entriesSchema = v.record(
  v.string(),
  v.object({
    body: v.string(),
    integratedTime: index,
    logID: hex,
    logIndex: index,
    verification: v.object({
      signedEntryTimestamp: v.string(),
      inclusionProof: v.optional(
        v.object({
          checkpoint: v.string(),
          hashes: v.pipe(v.array(hex), v.maxLength(64)),
          logIndex: index,
          rootHash: hex,
          treeSize: index,
        }),
      ),
    }),
  }),
)

type RekorEntry = v.InferOutput<typeof entriesSchema>[string]

/** The entry as a bundle writes it, where bytes are base64 and numbers text. */
function bundleEntry({ body, integratedTime, logID, logIndex, verification }: RekorEntry): object {
  const { signedEntryTimestamp, inclusionProof } = verification
  return {
    logIndex: String(logIndex),
    logId: { keyId: hexToBase64(logID) },
    kindVersion: kindOf(body),
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp },
    ...(inclusionProof === undefined
      ? {}
      : {
          inclusionProof: {
            logIndex: String(inclusionProof.logIndex),
            rootHash: hexToBase64(inclusionProof.rootHash),
            treeSize: String(inclusionProof.treeSize),
            hashes: inclusionProof.hashes.map(hexToBase64),
            checkpoint: { envelope: inclusionProof.checkpoint },
          },
        }),
    canonicalizedBody: body,
  }
}

const bodySchema = v.object({ kind: v.string(), apiVersion: v.string() })

function kindOf(body: string): object {
  try {
    const result = v.safeParse(bodySchema, JSON.parse(Buffer.from(body, 'base64').toString('utf8')))
    return result.success ? { kind: result.output.kind, version: result.output.apiVersion } : {}
  } catch {
    // The entry is refused for having none.
    return {}
  }
}

function hexToBase64(text: string): string {
  return Buffer.from(text, 'hex').toString('base64')
}
