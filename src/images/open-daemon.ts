import type { OperationOptions } from '../content/index.ts'
import { createDockerDaemonTarget, openDockerDaemon } from '../stores/index.ts'
import type { DaemonLocation } from './location.ts'
import type { OpenedSource, OpenedTarget, OpenTargetOptions, PlacesOptions } from './places.ts'

/** Opens a Docker engine for reading. */
export async function openDaemonSource(
  location: DaemonLocation,
  { environment, temporaryDirectory }: PlacesOptions,
  { signal }: OperationOptions,
): Promise<OpenedSource> {
  const source = await openDockerDaemon({
    signal,
    host: environment?.['DOCKER_HOST'],
    ...(temporaryDirectory === undefined ? {} : { temporaryDirectory }),
  })
  return { location, source, name: location.name, [Symbol.asyncDispose]: () => source.close() }
}

/** Opens a Docker engine for writing: what is written is loaded when it is committed. */
export function openDaemonTarget(
  location: DaemonLocation,
  { environment, temporaryDirectory }: PlacesOptions,
  { signal, platform }: OpenTargetOptions,
): OpenedTarget {
  const target = createDockerDaemonTarget({
    signal,
    host: environment?.['DOCKER_HOST'],
    ...(platform === undefined ? {} : { platform }),
    ...(temporaryDirectory === undefined ? {} : { temporaryDirectory }),
  })
  return {
    location,
    target,
    namesFor: () => [location.name],
    commit: (options) => target.commit(options),
    [Symbol.asyncDispose]: () => target.discard(),
  }
}
