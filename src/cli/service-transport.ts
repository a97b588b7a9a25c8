import { createTransport, type Transport } from '../http/index.ts'
import type { CliContext } from './context.ts'
import { safeText } from './render/safe-text.ts'
import { packageVersion } from './version.ts'

/** Speaks to services that are no registries: three tries, ten seconds of patience, each request shown with `--debug`. */
export function serviceTransport({
  environment,
  output,
}: Pick<CliContext, 'environment' | 'output'>): Transport {
  return createTransport({
    environment,
    userAgent: `lading/${packageVersion()}`,
    tries: 3,
    maxRetryAfter: 10,
    onExchange: ({ method, url, status, milliseconds }) => {
      if (output.debug) output.note(`${method} ${safeText(url)} ${status} ${Math.round(milliseconds)} ms`)
    },
  })
}
