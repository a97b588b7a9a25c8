import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Credentials, Gate, Identity, Wanted } from '../auth/gate.ts'
import type { ProtocolError } from '../protocol-error.ts'
import type { RepositoryName } from '../repository-name.ts'
import { largestManifestBytes } from '../storage/registry/manifest-record.ts'
import type { RegistryStorage } from '../storage/registry/registry-storage.ts'
import { Turns } from '../storage/registry/turns.ts'
import { answerJson } from './answer.ts'
import { answerError } from './answer-error.ts'
import { deleteBlob, getBlob } from './blob-routes.ts'
import { listReferrers } from './list-referrers.ts'
import { listRepositories, listTags } from './list-routes.ts'
import { deleteManifest, getManifest, putManifest } from './manifest-routes.ts'
import type { ProtocolCall, ProtocolSettings } from './protocol-call.ts'
import { actionOf, endpointOf, type ProtocolRoute } from './protocol-route.ts'
import { rememberRoutes } from './remember-routes.ts'
import type { RequestTrace } from './request-trace.ts'
import { mountBlob, pushBlob, startUpload } from './start-upload-routes.ts'
import { appendUpload, cancelUpload, finishUpload, getUpload } from './upload-routes.ts'

/** Options of {@link createProtocolHandler}. */
export interface ProtocolHandlerOptions {
  readonly storage: RegistryStorage
  readonly gate: Gate
  /** Default 64 GiB. */
  readonly maxBlobBytes?: number | undefined
  /** Default 4 MiB, which the specification wants at least. */
  readonly maxManifestBytes?: number | undefined
  /** The most bytes that a repository may hold; default: no bound. */
  readonly maxRepositoryBytes?: number | undefined
  /** Says whether a tag, once it is there, stays with its digest. Default: none does. */
  readonly isImmutable?: ((repository: RepositoryName, tag: string) => boolean) | undefined
  /** Whether `/v2/_catalog` is answered. Default true. */
  readonly catalog?: boolean | undefined
  /** The address of the client; default: the socket's. A trusted proxy in front names another one. */
  readonly clientAddress?: ((request: IncomingMessage) => string) | undefined
}

/** Answers one request; never rejects. */
export type ProtocolHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  trace: RequestTrace,
) => Promise<void>

/**
 * Makes the handler of everything under `/v2`: the distribution specification, from the raw request target to the
 * answer. The request is parsed once, then it is asked who sent it and whether they may, and only then anything is
 * read or written.
 *
 * A server hands it the requests of its events `request` and `checkContinue` alike.
 */
export function createProtocolHandler(options: ProtocolHandlerOptions): ProtocolHandler {
  const { gate, clientAddress = socketAddress } = options
  const settings: ProtocolSettings = {
    storage: options.storage,
    maxBlobBytes: options.maxBlobBytes ?? 64 * 1024 ** 3,
    maxManifestBytes: options.maxManifestBytes ?? 4 * 1024 ** 2,
    maxRepositoryBytes: options.maxRepositoryBytes,
    additions: new Turns(),
    isImmutable: options.isImmutable ?? (() => false),
    catalog: options.catalog ?? true,
  }
  const readRoute = rememberRoutes()
  if (settings.maxManifestBytes > largestManifestBytes)
    throw new RangeError(`maxManifestBytes is at most ${largestManifestBytes}`)
  return async (request, response, trace) => {
    try {
      const route = readRoute(request.method ?? '', request.url ?? '')
      trace.route = endpointOf(route.kind)
      trace.repository = 'repository' in route ? route.repository : undefined
      const wanted = wantedBy(route)
      const credentials = {
        headers: request.headers,
        remoteAddress: clientAddress(request),
        wanted: [...wanted, ...usefulFor(route)],
      }
      // The trace makes its signal when it is asked: an open gate never does.
      const identity = await gate.identify(credentials, trace)
      trace.user = identity.name
      checkAccess(gate, credentials, identity, route.kind, wanted)
      const challengeForMore = (more: readonly Wanted[]): ProtocolError | undefined =>
        gate.challengeForMore(credentials, identity, more)
      await handle(settings, { request, response, trace, identity, challengeForMore }, route)
    } catch (error) {
      await answerError(request, response, trace, error)
    }
  }
}

/** What a request does, in the words of the rules. */
function wantedBy(route: ProtocolRoute): readonly Wanted[] {
  if (route.kind === 'base') return []
  if (route.kind === 'list-repositories') return [{ action: 'list' }]
  return [{ action: actionOf(route.kind), repository: route.repository }]
}

/** What a request can do without, but a token should be good for. */
function usefulFor(route: ProtocolRoute): readonly Wanted[] {
  if (route.kind !== 'mount-blob' || route.from === undefined) return []
  return [{ action: 'pull', repository: route.from }]
}

/** @throws {ProtocolError} UNAUTHORIZED or DENIED. */
function checkAccess(
  gate: Gate,
  credentials: Credentials & { readonly wanted: readonly Wanted[] },
  identity: Identity,
  kind: ProtocolRoute['kind'],
  wanted: readonly Wanted[],
): void {
  if (gate.isOpen) return
  // Who shows no credentials is asked for them here: docker shows none later to a registry that answered 200, and
  // would not push; others would take the catalogue of nobody in particular for all there is.
  const isRefused =
    kind === 'base' || kind === 'list-repositories'
      ? identity.by === 'anonymous'
      : !wanted.every(
          ({ action, repository }) => repository !== undefined && identity.may(action, repository),
        )
  if (isRefused) {
    throw gate.refusal(credentials, identity, identity.by === 'anonymous' ? credentials.wanted : wanted)
  }
}

function handle(settings: ProtocolSettings, call: ProtocolCall, route: ProtocolRoute): Promise<void> {
  switch (route.kind) {
    case 'base':
      return answerJson(call.request, call.response, 200, [], {})
    case 'list-repositories':
      return listRepositories(settings, call, route)
    case 'list-tags':
      return listTags(settings, call, route)
    case 'list-referrers':
      return listReferrers(settings, call, route)
    case 'get-manifest':
      return getManifest(settings, call, route)
    case 'put-manifest':
      return putManifest(settings, call, route)
    case 'delete-manifest':
      return deleteManifest(settings, call, route)
    case 'get-blob':
      return getBlob(settings, call, route)
    case 'delete-blob':
      return deleteBlob(settings, call, route)
    case 'start-upload':
      return startUpload(settings, call, route)
    case 'push-blob':
      return pushBlob(settings, call, route)
    case 'mount-blob':
      return mountBlob(settings, call, route)
    case 'get-upload':
      return getUpload(settings, call, route)
    case 'append-upload':
      return appendUpload(settings, call, route)
    case 'finish-upload':
      return finishUpload(settings, call, route)
    case 'cancel-upload':
      return cancelUpload(settings, call, route)
    default:
      return route satisfies never
  }
}

function socketAddress(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? ''
}
