import { type OperationOptions, UnavailableError } from '../../content/index.ts'
import { isJsonObject } from '../json-object.ts'
import type { DaemonConnection } from './daemon-connection.ts'

/** Makes sure that a Docker daemon listens, or podman. @throws {UnavailableError} @throws {AccessRefusedError} */
export async function checkDaemon(connection: DaemonConnection, options: OperationOptions): Promise<void> {
  const version = await connection.getJson('/version', 'ask the Docker daemon for its version', options)
  if (isJsonObject(version) && typeof version['ApiVersion'] === 'string') return
  throw new UnavailableError(
    `Cannot use the daemon at ${connection.host}: what listens there is no Docker daemon`,
  )
}
