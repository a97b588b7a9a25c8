import { InvalidTrustRootError } from '../errors.ts'
import { TrustMaterial, type TrustRoot } from './trust-material.ts'
import { trustRootOf } from './trust-root-of.ts'

/** The most bytes of a file of trusted roots. */
export const maxTrustedRootBytes: number = 4 * 1024 * 1024

const maxRoots = 32

/**
 * Reads trusted roots: one JSON document however it is laid out, or one a line (`gh attestation trusted-root` writes
 * them so).
 *
 * @param files bytes of each file, with the name that answers and errors give it
 * @throws {InvalidTrustRootError} when a file holds none, too many, or one that cannot be believed as it stands.
 */
export function readTrustedRoots(
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): TrustMaterial {
  return new TrustMaterial(files.flatMap(({ name, bytes }) => rootsOfFile(name, bytes)))
}

function rootsOfFile(name: string, bytes: Uint8Array): TrustRoot[] {
  if (bytes.length > maxTrustedRootBytes)
    throw new InvalidTrustRootError(name, `it has more than ${maxTrustedRootBytes} bytes`)
  const text = decode(name, bytes)
  const whole = parsed(text)
  if (whole !== undefined) return [trustRootOf(whole.json, name)]
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length > maxRoots) throw new InvalidTrustRootError(name, `it has more than ${maxRoots} lines`)
  return lines.map((line, index) => {
    const document = parsed(line)
    if (document === undefined) throw new InvalidTrustRootError(name, `line ${index + 1} is not JSON`)
    return trustRootOf(document.json, `${name}:${index + 1}`)
  })
}

function decode(name: string, bytes: Uint8Array): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new InvalidTrustRootError(name, 'it is not UTF-8', { cause: error })
  }
  if (text.trim() === '') throw new InvalidTrustRootError(name, 'it is empty')
  return text
}

function parsed(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) }
  } catch {
    return undefined
  }
}
