import { Readable } from 'node:stream'
import { type FetchOptions, NotFoundError, UnavailableError } from '../content/index.ts'
import { type Descriptor, isForeignLayer } from '../oci/index.ts'
import { BlobTransfer, type OpenBlob } from './blob-transfer.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'

const bufferedBytes = 256 * 1024

/** Options of {@link fetchBlob}. */
export interface FetchBlobOptions extends FetchOptions {
  /** Whether to follow the `urls` of foreign layers that the registry does not have. */
  readonly foreignLayers: boolean
}

/**
 * Opens a blob, or a part of it. Bytes come unverified. A transfer that breaks off is taken up again where it
 * stopped (GHCR is known for that), at the next place when one does not get on; the stream ends in an error when
 * none does.
 *
 * @param mirrors Where to ask first; what they do not give, the registry is asked for.
 * @throws {NotFoundError}
 */
export async function fetchBlob(
  endpoint: RepositoryEndpoint,
  mirrors: readonly RepositoryEndpoint[],
  descriptor: Descriptor,
  options: FetchBlobOptions,
): Promise<Readable> {
  const places = [
    ...mirrors.map((mirror) => registryBlob(mirror, descriptor, options)),
    registryBlob(endpoint, descriptor, options),
    ...foreignBlobs(endpoint, descriptor, options),
  ]
  const { size } = descriptor
  const start = options.range?.start ?? 0
  const end = Math.min(options.range?.end ?? size - 1, size - 1)
  if (options.range !== undefined && start > end) return Readable.from([], { objectMode: false })
  const wanted = { start, end, whole: options.range === undefined }
  const transfer = new BlobTransfer(places, mirrors.length, descriptor, wanted, options.signal)
  const first = await transfer.open(start)
  const stream = Readable.from(transfer.bytes(first), { objectMode: false, highWaterMark: bufferedBytes })
  return stream.once('close', () => transfer.close())
}

function registryBlob(
  endpoint: RepositoryEndpoint,
  descriptor: Descriptor,
  options: FetchBlobOptions,
): OpenBlob {
  const doing = `fetch ${descriptor.digest} from ${endpoint.display}`
  return async (range) => {
    const response = await endpoint.request({
      doing,
      method: 'GET',
      to: `blobs/${descriptor.digest}`,
      headers: headersFor(range),
      actions: ['pull'],
      signal: options.signal,
    })
    return { response, error: () => endpoint.error(response, doing) }
  }
}

/** Where a foreign layer's publisher has it: other hosts, who get no credentials. */
function foreignBlobs(
  endpoint: RepositoryEndpoint,
  descriptor: Descriptor,
  options: FetchBlobOptions,
): readonly OpenBlob[] {
  if (!options.foreignLayers || !isForeignLayer(descriptor.mediaType)) return []
  const urls = (descriptor.urls ?? []).filter((url) => URL.canParse(url) && /^https?:/i.test(url)).slice(0, 8)
  return urls.map((text) => async (range) => {
    const url = new URL(text)
    const doing = `fetch ${descriptor.digest} from ${url.host}`
    const response = await endpoint.host.requestElsewhere({
      doing,
      method: 'GET',
      to: url,
      headers: headersFor(range),
      signal: options.signal,
    })
    const error = async (): Promise<Error> => {
      await response.discard()
      const message = `Cannot ${doing}: it answered with status ${response.status}`
      return response.status === 404
        ? new NotFoundError(message)
        : new UnavailableError(message, { status: response.status })
    }
    return { response, error }
  })
}

function headersFor(range: string | undefined): Record<string, string> {
  // Storage behind a registry must not compress what is addressed by its digest.
  return { 'accept-encoding': 'identity', ...(range === undefined ? {} : { range }) }
}
