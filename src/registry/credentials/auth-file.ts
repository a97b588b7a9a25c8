import { open } from 'node:fs/promises'
import * as v from 'valibot'
import type { Credentials } from './credentials.ts'
import { CredentialsError } from './credentials-error.ts'

/** What docker's `config.json` and podman's `auth.json` say of credentials. */
export interface AuthFile {
  /** By key: `ghcr.io`, `quay.io/me`, `https://index.docker.io/v1/`. */
  readonly auths: ReadonlyMap<string, AuthEntry>
  /** Helper by registry. */
  readonly credHelpers: ReadonlyMap<string, string>
  /** Helper for all others. */
  readonly credsStore: string | undefined
}

/** One entry of `auths`. */
export type AuthEntry = Pick<Credentials, 'username' | 'password' | 'identityToken' | 'registryToken'>

const Entry = v.object({
  auth: v.nullish(v.string()),
  username: v.nullish(v.string()),
  password: v.nullish(v.string()),
  identitytoken: v.nullish(v.string()),
  registrytoken: v.nullish(v.string()),
})

const File = v.object({
  auths: v.nullish(v.record(v.string(), v.nullish(Entry))),
  credHelpers: v.nullish(v.record(v.string(), v.string())),
  credsStore: v.nullish(v.string()),
})

const largestFile = 4 * 1024 * 1024

/**
 * Reads a file with credentials; undefined where there is none.
 *
 * @throws {CredentialsError} when it cannot be read, or is not JSON of the right shape; without any of its text.
 */
export async function readAuthFile(path: string): Promise<AuthFile | undefined> {
  const text = await readText(path)
  return text === undefined ? undefined : parseAuthFile(text, path)
}

/**
 * Reads the text of such a file.
 *
 * @param path What it is called in errors.
 * @throws {CredentialsError} without any of the text.
 */
export function parseAuthFile(text: string, path: string): AuthFile {
  const json = text.trim() === '' ? {} : parseJson(text, path)
  const parsed = v.safeParse(File, Array.isArray(json) ? undefined : json)
  if (!parsed.success) {
    const where = v.getDotPath(parsed.issues[0]) ?? ''
    throw new CredentialsError(
      `Cannot read credentials from ${path}: ${where === '' ? 'it is not a JSON object' : `${where} is not what it must be`}`,
    )
  }
  const { auths, credHelpers, credsStore } = parsed.output
  const entries = Object.entries(auths ?? {})
  return {
    auths: new Map(entries.map(([key, entry]) => [key, readEntry(entry ?? {}, key, path)])),
    credHelpers: new Map(Object.entries(credHelpers ?? {})),
    credsStore: nonEmpty(credsStore),
  }
}

/** The text of a file; undefined where there is none. @throws {CredentialsError} */
export async function readText(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path)
    const { size } = await file.stat()
    if (size > largestFile)
      throw new CredentialsError(`Cannot read credentials from ${path}: it is too large`)
    return await file.readFile('utf8')
  } catch (error) {
    if (error instanceof CredentialsError) throw error
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new CredentialsError(
      `Cannot read credentials from ${path}: ${code === 'EACCES' ? 'permission denied' : 'it cannot be read'}`,
      { cause: error },
    )
  }
}

/** @throws {CredentialsError} without the parser's words: they quote the text. */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new CredentialsError(`Cannot read credentials from ${path}: it is not JSON`)
  }
}

function readEntry(entry: v.InferOutput<typeof Entry>, key: string, path: string): AuthEntry {
  const pair = nonEmpty(entry.auth) === undefined ? undefined : decodePair(entry.auth ?? '', key, path)
  return {
    username: pair?.username ?? nonEmpty(entry.username),
    password: pair?.password ?? nonEmpty(entry.password),
    identityToken: nonEmpty(entry.identitytoken),
    registryToken: nonEmpty(entry.registrytoken),
  }
}

/** `auth` is base64 of `user:password`; docker pads what it writes with NUL bytes at times. */
function decodePair(
  auth: string,
  key: string,
  path: string,
): { readonly username: string; readonly password: string | undefined } {
  const text = Buffer.from(auth, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0)
    throw new CredentialsError(
      `Cannot read credentials from ${path}: "auth" of ${key} is not user:password in base64`,
    )
  return { username: text.slice(0, colon), password: nonEmpty(text.slice(colon + 1).replace(/\0+$/, '')) }
}

function nonEmpty(text: string | null | undefined): string | undefined {
  return text === null || text === undefined || text === '' ? undefined : text
}
