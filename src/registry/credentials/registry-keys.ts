/** The key of Docker Hub in docker's files, from the time of the first registry API. */
export const dockerHubKey = 'https://index.docker.io/v1/'

const dockerHubNames = ['docker.io', 'index.docker.io', 'registry-1.docker.io']

/**
 * The keys under which a registry's credentials may stand, best first: repository and namespaces from long to short
 * (`quay.io/me/app`, `quay.io/me`), then the registry.
 */
export function credentialKeys(host: string, repository: string | undefined): readonly string[] {
  const parts = repository === undefined ? [] : repository.split('/')
  const namespaced = parts.map((_, index) => `${host}/${parts.slice(0, parts.length - index).join('/')}`)
  return [...namespaced, ...registryKeys(host)]
}

/** The keys of a registry itself. */
export function registryKeys(host: string): readonly string[] {
  return dockerHubNames.includes(host) ? [dockerHubKey, ...dockerHubNames] : [host]
}

/** The key that docker and its helpers know a registry by. */
export function storageKey(host: string): string {
  return dockerHubNames.includes(host) ? dockerHubKey : host
}

/** The entry of a map under any of the keys; keys written as URLs (`https://ghcr.io/v2/`) count as their host. */
export function findByKeys<Value>(
  entries: ReadonlyMap<string, Value>,
  keys: readonly string[],
): Value | undefined {
  for (const key of keys) {
    const exact = entries.get(key)
    if (exact !== undefined) return exact
  }
  for (const [written, value] of entries) {
    if (written !== dockerHubKey && keys.includes(hostOfKey(written))) return value
  }
  return undefined
}

function hostOfKey(key: string): string {
  return key.replace(/^https?:\/\//, '').replace(/\/(?:v[12]\/?)?$/, '')
}
