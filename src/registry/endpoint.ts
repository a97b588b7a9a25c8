/** The host that answers for a registry, where that is not its name. */
const apiHosts: ReadonlyMap<string, string> = new Map([
  ['docker.io', 'registry-1.docker.io'],
  ['index.docker.io', 'registry-1.docker.io'],
])

/** Host and port to send a registry's requests to: `docker.io` is served by `registry-1.docker.io`. */
export function apiHost(registry: string): string {
  return apiHosts.get(registry) ?? registry
}

/** Says whether a URL's host name leads to this machine by its text alone: `localhost`, 127.0.0.0/8, ::1. */
export function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(hostname)
}

/** The URL of a registry's API. */
export function apiUrl(registry: string, protocol: 'https' | 'http'): URL {
  return new URL(`${protocol}://${apiHost(registry)}/v2/`)
}

/** The registries that a host answers for, if their names are not its own. */
export function registriesAt(host: string): readonly string[] {
  return [...apiHosts].filter(([, api]) => api === host).map(([registry]) => registry)
}
