import { dirname } from 'node:path'
import { makeDirectory, withFileLock, writeFileAtomically } from '../../files/index.ts'
import { type AuthFile, parseJson, readAuthFile, readText } from './auth-file.ts'
import { containersAuthPath, displayPath, dockerConfigPath, type Environment } from './config-paths.ts'
import { CredentialsError } from './credentials-error.ts'
import { eraseWithHelper, storeWithHelper } from './credential-helper.ts'
import { findByKeys, registryKeys, storageKey } from './registry-keys.ts'

/** What to store and where to look for the place. */
export interface StoreCredentialsOptions {
  readonly environment: Environment
  readonly signal?: AbortSignal | undefined
}

/** Where credentials went. */
export interface StoredCredentials {
  /** `~/.docker/config.json`, or `docker-credential-pass`. */
  readonly place: string
  /** Whether they can be read there by whoever can read the file: no helper keeps them. */
  readonly plainText: boolean
}

/**
 * Stores credentials for a registry where docker and podman find them: with the helper that docker's `config.json`
 * names, else in that file itself; in `$REGISTRY_AUTH_FILE` where it is set. What else is in the file stays.
 *
 * @throws {CredentialsError} @throws {FileError}
 */
export async function storeCredentials(
  host: string,
  credentials: { readonly username: string; readonly password: string },
  options: StoreCredentialsOptions,
): Promise<StoredCredentials> {
  const { path, file } = await place(options)
  const key = storageKey(host)
  const helper = helperFor(file, host)
  const { username, password } = credentials
  if (helper !== undefined) {
    await storeWithHelper(helper, key, { username, secret: password }, options)
    // An entry without secrets lets `docker logout` and others see that the registry is known.
    await changeAuths(path, options, (auths) => ({ ...withoutKeys(auths, host), [key]: {} }))
    return { place: `docker-credential-${helper}`, plainText: false }
  }
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  await changeAuths(path, options, (auths) => ({ ...withoutKeys(auths, host), [key]: { auth } }))
  return { place: displayPath(path, options.environment), plainText: true }
}

/**
 * Forgets the credentials for a registry, wherever {@link storeCredentials}, docker or podman put them.
 *
 * @returns the places that had some; empty when none did.
 * @throws {CredentialsError} @throws {FileError}
 */
export async function eraseCredentials(
  host: string,
  options: StoreCredentialsOptions,
): Promise<readonly string[]> {
  const { environment } = options
  const places: string[] = []
  for (const path of new Set([dockerConfigPath(environment), containersAuthPath(environment)])) {
    const file = await readAuthFile(path)
    if (file === undefined) continue
    const helper = helperFor(file, host)
    if (helper !== undefined && (await eraseWithHelper(helper, storageKey(host), options))) {
      places.push(`docker-credential-${helper}`)
    }
    const entry = findByKeys(file.auths, registryKeys(host))
    if (entry === undefined) continue
    await changeAuths(path, options, (auths) => withoutKeys(auths, host))
    if (Object.values(entry).some((value) => value !== undefined)) places.push(displayPath(path, environment))
  }
  return places
}

async function place(
  options: StoreCredentialsOptions,
): Promise<{ readonly path: string; readonly file: AuthFile | undefined }> {
  const { environment } = options
  const named = environment.REGISTRY_AUTH_FILE
  const path =
    named === undefined || named === '' ? dockerConfigPath(environment) : containersAuthPath(environment)
  return { path, file: await readAuthFile(path) }
}

function helperFor(file: AuthFile | undefined, host: string): string | undefined {
  if (file === undefined) return undefined
  return findByKeys(file.credHelpers, registryKeys(host)) ?? file.credsStore
}

type Auths = Readonly<Record<string, unknown>>

/** Rewrites `auths` and nothing else: other keys, their order and the indentation stay as they are. */
async function changeAuths(
  path: string,
  options: StoreCredentialsOptions,
  change: (auths: Auths) => Auths,
): Promise<void> {
  const { signal } = options
  await makeDirectory(dirname(path), 0o700)
  await withFileLock(
    path,
    async () => {
      const text = (await readText(path)) ?? ''
      const document = text.trim() === '' ? {} : asObject(parseJson(text, path), path)
      const auths =
        document.auths === undefined || document.auths === null ? {} : asObject(document.auths, path)
      const next = JSON.stringify({ ...document, auths: change(auths) }, undefined, indentation(text))
      await writeFileAtomically(path, text === '' || text.endsWith('\n') ? `${next}\n` : next, {
        mode: 0o600,
        signal,
      })
    },
    { signal },
  )
}

function withoutKeys(auths: Auths, host: string): Auths {
  const keys = registryKeys(host)
  return Object.fromEntries(Object.entries(auths).filter(([key]) => !keys.includes(key)))
}

function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new CredentialsError(
    `Cannot store credentials in ${path}: it is not a JSON object with "auths" in it`,
  )
}

/** A tab, as docker writes it, where the file does not show another. */
function indentation(text: string): string {
  return /^\{\r?\n([ \t]+)/.exec(text)?.[1] ?? '\t'
}
