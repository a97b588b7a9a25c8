import * as v from 'valibot'
import { firstIssue } from '../../bundle/first-issue.ts'
import { InvalidSigningConfigError } from '../errors.ts'
import { serviceUrlProblem } from './service-url.ts'
import { type SigningConfigDocument, signingConfigSchemas } from './signing-config-schema.ts'
import type { SigningServices } from './signing-services.ts'
import { selectServices } from './select-services.ts'

const maxBytes = 1024 * 1024

/**
 * Reads a signing config, v0.1 or v0.2, and decides which of its services are used: those that are valid at the time, of
 * the highest version that is spoken here, of each operator the newest, and of these as many as the config asks for.
 *
 * @param file its bytes, and the name that errors give it
 * @throws {InvalidSigningConfigError} it cannot be read, or has no service that can be used where it names some.
 */
export function readSigningConfig(
  { name, bytes }: { readonly name: string; readonly bytes: Uint8Array },
  { at = new Date() }: { readonly at?: Date } = {},
): SigningServices {
  const document = readDocument(name, bytes)
  const pick = (what: string, list: SelectedList, versions: readonly number[]): readonly PickedService[] => {
    const chosen = selectServices(list.services, list.selection, versions, at)
    if (typeof chosen === 'string') throw new InvalidSigningConfigError(name, `${what}: ${chosen}`)
    return chosen.map(({ url, majorApiVersion }) => {
      const problem = serviceUrlProblem(url)
      if (problem !== undefined) throw new InvalidSigningConfigError(name, `${what}: ${problem}`)
      return { url: new URL(url), majorApiVersion }
    })
  }
  const { caUrls, oidcUrls, rekorTlogUrls, rekorTlogConfig, tsaUrls, tsaConfig } = document
  return {
    fulcio: pick('caUrls', { services: caUrls, selection: one }, [1])[0]?.url,
    oidcIssuer: pick('oidcUrls', { services: oidcUrls, selection: one }, [1])[0]?.url,
    logs: pick('rekorTlogUrls', { services: rekorTlogUrls, selection: rekorTlogConfig }, [2, 1]).map(
      ({ url, majorApiVersion }) => ({ url, apiVersion: majorApiVersion === 2 ? 2 : 1 }),
    ),
    timestampAuthorities: pick('tsaUrls', { services: tsaUrls, selection: tsaConfig }, [1]).map(
      ({ url }) => url,
    ),
  }
}

interface PickedService {
  readonly url: URL
  readonly majorApiVersion: number
}

interface SelectedList {
  readonly services: SigningConfigDocument['caUrls']
  readonly selection: SigningConfigDocument['tsaConfig']
}

const one = { selector: 'ANY', count: 0 } as const

function readDocument(name: string, bytes: Uint8Array): SigningConfigDocument {
  if (bytes.length > maxBytes) throw new InvalidSigningConfigError(name, `it has more than ${maxBytes} bytes`)
  const json = parseJson(name, bytes)
  const mediaType = v.safeParse(v.object({ mediaType: v.string() }), json)
  const schema =
    mediaType.success && Object.hasOwn(signingConfigSchemas, mediaType.output.mediaType)
      ? signingConfigSchemas[mediaType.output.mediaType]
      : undefined
  if (schema === undefined)
    throw new InvalidSigningConfigError(
      name,
      'its mediaType is not that of a Sigstore signing config v0.1 or v0.2',
    )
  const result = v.safeParse(schema, json, { abortEarly: true })
  if (!result.success) throw new InvalidSigningConfigError(name, firstIssue(result.issues))
  return result.output
}

function parseJson(name: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new InvalidSigningConfigError(name, 'it is not JSON', { cause: error })
  }
}
