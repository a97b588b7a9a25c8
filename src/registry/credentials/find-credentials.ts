import { type AuthEntry, type AuthFile, parseAuthFile, readAuthFile } from './auth-file.ts'
import { containersAuthPath, displayPath, dockerConfigPath, type Environment } from './config-paths.ts'
import type { Credentials, CredentialsFinder } from './credentials.ts'
import { getFromHelper } from './credential-helper.ts'
import { credentialKeys, findByKeys, registryKeys, storageKey } from './registry-keys.ts'

/** Credentials that are handed in: the source may be left out. */
export type GivenCredentials = Omit<Credentials, 'source'> & { readonly source?: string }

/** Where to look. */
export interface FindCredentialsOptions {
  /** By registry; they come first. */
  readonly given?: Readonly<Record<string, GivenCredentials>> | undefined
  /** Undefined: no stored credentials are looked for. */
  readonly environment?: Environment | undefined
  /** Milliseconds that a helper may take. */
  readonly helperTimeLimit?: number | undefined
}

/**
 * Makes a function that finds credentials: those handed in, then `DOCKER_AUTH_CONFIG` (a `config.json` in the
 * environment), then docker's `config.json` with its helpers, then podman's `auth.json`. Where `REGISTRY_AUTH_FILE` names a file, that comes before docker's.
 *
 * Files are read once, and each helper is asked once for a registry: some take a second to answer.
 */
export function createCredentialsFinder(options: FindCredentialsOptions): CredentialsFinder {
  const { given, environment } = options
  const files = once(() => (environment === undefined ? Promise.resolve([]) : readFiles(environment)))
  const helpers = new Map<string, Promise<Credentials | undefined>>()
  const found = new Map<string, Promise<Credentials | undefined>>()

  const askHelper = (name: string, host: string): Promise<Credentials | undefined> => {
    const key = `${name}\n${host}`
    // Without the signal of the one who asks first: others wait for the same answer, and it is kept.
    const asked =
      helpers.get(key) ??
      getFromHelper(name, storageKey(host), {
        environment: environment ?? {},
        timeLimit: options.helperTimeLimit,
      }).then((entry) => withSource(entry, `docker-credential-${name}`))
    helpers.set(key, asked)
    return asked
  }

  const search = async (host: string, repository: string | undefined): Promise<Credentials | undefined> => {
    const handed = findByKeys(new Map(Object.entries(given ?? {})), registryKeys(host))
    if (handed !== undefined) return { source: 'the command line or environment', ...handed }
    for (const { file, source } of await files()) {
      const credentials = await searchFile(file, source, host, repository, askHelper)
      if (credentials !== undefined) return credentials
    }
    return undefined
  }

  return async (host, repository, { signal }) => {
    signal?.throwIfAborted()
    const key = `${host}/${repository ?? ''}`
    const searching = found.get(key) ?? search(host, repository)
    found.set(key, searching)
    return searching
  }
}

interface SourcedFile {
  readonly file: AuthFile
  readonly source: string
}

async function readFiles(environment: Environment): Promise<readonly SourcedFile[]> {
  const docker = dockerConfigPath(environment)
  const containers = containersAuthPath(environment)
  const named = environment.REGISTRY_AUTH_FILE
  const paths = named === undefined || named === '' ? [docker, containers] : [containers, docker]
  const files = await Promise.all(
    paths.map(async (path) => ({ file: await readAuthFile(path), source: displayPath(path, environment) })),
  )
  const inEnvironment = environment.DOCKER_AUTH_CONFIG ?? ''
  return [
    ...(inEnvironment === ''
      ? []
      : [{ file: parseAuthFile(inEnvironment, 'DOCKER_AUTH_CONFIG'), source: 'DOCKER_AUTH_CONFIG' }]),
    ...files.flatMap(({ file, source }) => (file === undefined ? [] : [{ file, source }])),
  ]
}

/** A helper for the registry comes before entries, entries before the helper for all (as docker and podman have it). */
async function searchFile(
  file: AuthFile,
  source: string,
  host: string,
  repository: string | undefined,
  askHelper: (name: string, host: string) => Promise<Credentials | undefined>,
): Promise<Credentials | undefined> {
  const own = findByKeys(file.credHelpers, registryKeys(host))
  if (own !== undefined) return askHelper(own, host)
  const entry = findByKeys(usable(file.auths), credentialKeys(host, repository))
  if (entry !== undefined) return withSource(entry, source)
  return file.credsStore === undefined ? undefined : askHelper(file.credsStore, host)
}

/** Docker leaves empty entries for what a helper keeps. */
function usable(auths: ReadonlyMap<string, AuthEntry>): ReadonlyMap<string, AuthEntry> {
  return new Map(
    [...auths].filter(
      ([, entry]) => (entry.password ?? entry.identityToken ?? entry.registryToken) !== undefined,
    ),
  )
}

function withSource(entry: AuthEntry | undefined, source: string): Credentials | undefined {
  return entry === undefined ? undefined : { ...entry, source }
}

function once<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | undefined
  return () => (made ??= make())
}
