import { spawn } from 'node:child_process'
import * as v from 'valibot'
import type { Environment } from './config-paths.ts'
import type { AuthEntry } from './auth-file.ts'
import { CredentialsError } from './credentials-error.ts'

/** How to run helpers. */
export interface HelperOptions {
  readonly environment: Environment
  readonly signal?: AbortSignal | undefined
  /** Milliseconds that a helper may take; default 60,000, as some ask the user. */
  readonly timeLimit?: number | undefined
}

const largestOutput = 1024 * 1024
const validName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/
const tokenUser = '<token>'
const Answer = v.object({ Username: v.string(), Secret: v.string() })

/**
 * Asks a credential helper (`docker-credential-<name> get`) for a registry's credentials; undefined when it has none.
 *
 * @param key What it knows the registry by: `ghcr.io`, `https://index.docker.io/v1/`.
 * @throws {CredentialsError} the helper cannot be run, fails, or answers something else. Never with its output.
 */
export async function getFromHelper(
  name: string,
  key: string,
  options: HelperOptions,
): Promise<AuthEntry | undefined> {
  const { code, output } = await runHelper(name, 'get', key, options)
  if (code !== 0) {
    if (saysNotFound(output)) return undefined
    throw failed(name, 'get')
  }
  const answer = v.safeParse(Answer, parse(output))
  if (!answer.success)
    throw new CredentialsError(`Cannot use docker-credential-${name}: its answer is not credentials`)
  const { Username: username, Secret: secret } = answer.output
  if (secret === '') return undefined
  return username === tokenUser ? { identityToken: secret } : { username, password: secret }
}

/** Lets a helper keep credentials. @throws {CredentialsError} */
export async function storeWithHelper(
  name: string,
  key: string,
  credentials: { readonly username: string; readonly secret: string },
  options: HelperOptions,
): Promise<void> {
  const { username, secret } = credentials
  const input = JSON.stringify({ ServerURL: key, Username: username, Secret: secret })
  const { code } = await runHelper(name, 'store', input, options)
  if (code !== 0) throw failed(name, 'store')
}

/** Lets a helper forget credentials. @returns false when it had none. @throws {CredentialsError} */
export async function eraseWithHelper(name: string, key: string, options: HelperOptions): Promise<boolean> {
  const { code, output } = await runHelper(name, 'erase', key, options)
  if (code === 0) return true
  if (saysNotFound(output)) return false
  throw failed(name, 'erase')
}

/** The name of a helper becomes part of a program's name: nothing in it may lead elsewhere. @throws {CredentialsError} */
function checkName(name: string): void {
  if (validName.test(name)) return
  throw new CredentialsError(
    `Cannot use the credential helper ${JSON.stringify(name.slice(0, 100))}: that is no name of a helper`,
  )
}

async function runHelper(
  name: string,
  action: 'get' | 'store' | 'erase',
  input: string,
  options: HelperOptions,
): Promise<{ readonly code: number | null; readonly output: string }> {
  checkName(name)
  options.signal?.throwIfAborted()
  const program = `docker-credential-${name}`
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number | null; output: string }>()
  // Its stderr may hold secrets, and goes nowhere.
  const helper = spawn(program, [action], {
    env: { ...options.environment },
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: options.timeLimit ?? 60_000,
    killSignal: 'SIGKILL',
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  let output = ''
  helper.stdout.setEncoding('utf8')
  helper.stdout.on('data', (text: string) => {
    output += text
    if (output.length > largestOutput) helper.kill('SIGKILL')
  })
  helper.stdin.on('error', () => undefined)
  helper.stdin.end(input)
  helper.on('error', (error) =>
    reject(options.signal?.aborted === true ? options.signal.reason : notRun(program, error)),
  )
  helper.on('close', (code) => resolve({ code, output }))
  const result = await promise
  options.signal?.throwIfAborted()
  return result
}

function notRun(program: string, error: Error): CredentialsError {
  const missing = 'code' in error && error.code === 'ENOENT'
  return new CredentialsError(
    `Cannot use ${program}: ${missing ? 'there is no such program on PATH' : 'it cannot be run'}`,
    {
      cause: error,
      hint: 'Install it, or take it out of credsStore or credHelpers in the configuration of docker.',
    },
  )
}

function failed(name: string, action: string): CredentialsError {
  return new CredentialsError(`Cannot use docker-credential-${name}: its "${action}" failed`, {
    hint: `What it says, this shows: echo REGISTRY | docker-credential-${name} ${action}`,
  })
}

/** What docker-credential-helpers answers, in the words of its library. */
function saysNotFound(output: string): boolean {
  return output.trim().toLowerCase().startsWith('credentials not found in native keychain')
}

function parse(output: string): unknown {
  try {
    return JSON.parse(output)
  } catch {
    return undefined
  }
}
