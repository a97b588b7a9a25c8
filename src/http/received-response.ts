import type { Readable } from 'node:stream'
import { redactUrl } from '../errors/index.ts'
import { HttpBodyTooLargeError } from './errors.ts'
import type { ExchangeResponse } from './exchange.ts'
import type { HttpResponse } from './types.ts'

/** As much of an unwanted body as is read away to keep its connection; a new one costs less than reading more. */
const worthReading = 128 * 1024

/** An answer as callers see it. */
export class ReceivedResponse implements HttpResponse {
  readonly status: number
  readonly url: URL
  readonly body: Readable
  readonly #headers: ExchangeResponse['headers']

  constructor(url: URL, { status, headers, body }: ExchangeResponse) {
    this.url = url
    this.status = status
    this.body = body
    this.#headers = headers
  }

  header(name: string): string | undefined {
    const values = this.headerValues(name)
    return values.length === 0 ? undefined : values.join(', ')
  }

  headerValues(name: string): readonly string[] {
    const value = this.#headers[name]
    if (value === undefined) return []
    return typeof value === 'string' ? [value] : value
  }

  async bytes(limit: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of this.#chunks()) {
      length += chunk.byteLength
      if (length > limit) throw this.#tooLarge(limit)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks, length)
  }

  async discard(): Promise<void> {
    try {
      let length = 0
      for await (const chunk of this.#chunks()) {
        length += chunk.byteLength
        // Leaving the loop destroys the body.
        if (length > worthReading) break
      }
    } catch {
      // The body broke off: it is gone, which is what was asked for.
    }
  }

  #chunks(): AsyncIterable<Uint8Array> {
    return this.body
  }

  #tooLarge(limit: number): HttpBodyTooLargeError {
    return new HttpBodyTooLargeError(
      `Cannot read ${redactUrl(this.url)}: the answer is longer than ${limit} bytes`,
      { limit },
    )
  }
}
