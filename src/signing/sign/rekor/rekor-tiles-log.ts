import * as v from 'valibot'
import type { Transport } from '../../../http/index.ts'
import { askService, refused, type ServiceRequest } from '../services/ask-service.ts'
import { readAnswer } from '../services/read-answer.ts'
import { below } from '../services/service-url.ts'
import type { LogWitness } from '../types.ts'
import { checkEntry } from './check-entry.ts'
import { logRequest } from './log-request.ts'

const largestAnswer = 4 * 1024 * 1024

/**
 * A log that speaks Rekor's version 2 (https://github.com/sigstore/rekor-tiles). It answers once a checkpoint covers the
 * entry, some seconds later, with the entry as a bundle holds it. It says no time: that is a time-stamping authority's.
 */
export function rekorTilesLog(url: URL, transport: Transport): LogWitness {
  return {
    url: url.href,
    async witness(content, made, { signal } = {}) {
      const { kind, body } = logRequest(content, made)
      const request: ServiceRequest = {
        transport,
        doing: `write to the transparency log ${url.host}`,
        method: 'POST',
        url: below(url, '/api/v2/log/entries'),
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: Buffer.from(JSON.stringify(body)),
        repeatable: true,
        limit: largestAnswer,
        signal,
      }
      const answer = await askService(request)
      if (answer.status !== 201 && answer.status !== 200) throw refused(request, answer)
      const entry = checkEntry(readAnswer(v.unknown(), request, answer), `${kind} 0.0.2`, made, request.doing)
      // A time that nobody signs stays out of the bundle, and so does what is empty.
      const { integratedTime: _, inclusionPromise: __, ...signed } = entry
      return signed
    },
  }
}
