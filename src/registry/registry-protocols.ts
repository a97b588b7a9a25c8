import { apiUrl, isLoopback } from './endpoint.ts'
import { probeTls } from './tls-probe.ts'

const probeMilliseconds = 3000

/** Finds out how registries are spoken to, and remembers it. */
export class RegistryProtocols {
  readonly #known = new Map<string, Promise<'https' | 'http'>>()

  /**
   * https, but for this machine's own servers that speak http only. All who ask wait for the same answer, so that
   * nobody's signal ends it; it takes little time.
   *
   * @param registry As names carry it: `localhost:5000`.
   */
  of(registry: string): Promise<'https' | 'http'> {
    const known = this.#known.get(registry) ?? this.#decide(registry)
    this.#known.set(registry, known)
    return known
  }

  async #decide(registry: string): Promise<'https' | 'http'> {
    const url = apiUrl(registry, 'https')
    if (!isLoopback(url.hostname)) return 'https'
    const kind = await probeTls(url.hostname, Number(url.port === '' ? 443 : url.port), probeMilliseconds)
    // A server that does not run yet may turn out to be of either kind.
    if (kind === 'unknown') this.#known.delete(registry)
    return kind === 'plain' ? 'http' : 'https'
  }
}
