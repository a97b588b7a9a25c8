import type { ArchiveTarget, CreateArchiveOptions } from '../archive-form.ts'
import { createArchive } from '../archive-target.ts'
import { type OperationOptions, UnavailableError } from '../../content/index.ts'
import type { Platform } from '../../oci/index.ts'
import { DockerForm } from '../docker-archive/docker-form.ts'
import { isJsonObject } from '../json-object.ts'
import { type ArchiveFile, archiveStream } from '../write-archive.ts'
import { defaultDaemonHost } from './daemon-address.ts'
import { checkDaemon } from './check-daemon.ts'
import { DaemonConnection } from './daemon-connection.ts'

/** Options of {@link createDockerDaemonTarget}. */
export interface CreateDockerDaemonOptions extends Omit<CreateArchiveOptions, 'compression'> {
  /** The value of `DOCKER_HOST`; default `unix:///var/run/docker.sock`. */
  readonly host?: string | undefined
  /** Which image of an index a daemon without an OCI store loads; default, and where that is not whole, the first that is. */
  readonly platform?: Platform
}

/**
 * A target that loads images into a Docker daemon, or podman by its socket. Names are image references. The
 * first push asks whether a daemon listens; `commit` sends all images as one archive and rejects unless the daemon took them.
 *
 * @throws {UnsupportedError} for daemons on other machines.
 */
export function createDockerDaemonTarget(options: CreateDockerDaemonOptions = {}): ArchiveTarget {
  const { host = defaultDaemonHost, display = 'docker-daemon', platform } = options
  const connection = new DaemonConnection(host)
  const output = {
    prepare: (preparing: OperationOptions) => checkDaemon(connection, preparing),
    write: (files: readonly ArchiveFile[], writing: OperationOptions) =>
      load(connection, display, files, writing),
  }
  return createArchive(output, new DockerForm(display, platform), display, options)
}

async function load(
  connection: DaemonConnection,
  display: string,
  files: readonly ArchiveFile[],
  options: OperationOptions,
): Promise<void> {
  const action = `load images into ${display}`
  const answer = await connection.postArchive(
    '/images/load?quiet=1',
    archiveStream(files, 'none'),
    action,
    options,
  )
  const problem = answer
    .split('\n')
    .map(problemIn)
    .find((text) => text !== undefined)
  if (problem !== undefined) throw new UnavailableError(`Cannot ${action}: the daemon says: ${problem}`)
}

/** What a line of progress says went wrong: the status was sent before the daemon knew. */
function problemIn(line: string): string | undefined {
  if (line.trim() === '') return undefined
  try {
    const message: unknown = JSON.parse(line)
    if (!isJsonObject(message)) return undefined
    const { errorDetail: detail, error } = message
    if (isJsonObject(detail) && typeof detail['message'] === 'string') return detail['message'].slice(0, 500)
    return typeof error === 'string' && error !== '' ? error.slice(0, 500) : undefined
  } catch {
    return undefined
  }
}
