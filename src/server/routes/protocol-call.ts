import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Identity, Wanted } from '../auth/gate.ts'
import type { ProtocolError } from '../protocol-error.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { RegistryStorage } from '../storage/registry/registry-storage.ts'
import type { Turns } from '../storage/registry/turns.ts'
import type { RequestTrace } from './request-trace.ts'

/** A request that passed the gate, its answer, and who sent it. */
export interface ProtocolCall {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly trace: RequestTrace
  readonly identity: Identity
  /** {@link Gate.challengeForMore} for who sent it. */
  readonly challengeForMore: (wanted: readonly Wanted[]) => ProtocolError | undefined
}

/** What the routes work with. */
export interface ProtocolSettings {
  readonly storage: RegistryStorage
  readonly maxBlobBytes: number
  readonly maxManifestBytes: number
  /** Undefined: no bound. */
  readonly maxRepositoryBytes: number | undefined
  /** Has what is added to a repository with a bound wait for what is being added. */
  readonly additions: Turns
  /** Says whether a tag, once it is there, stays with its digest. */
  readonly isImmutable: (repository: RepositoryName, tag: string) => boolean
  /** Whether `/v2/_catalog` is answered. */
  readonly catalog: boolean
}
