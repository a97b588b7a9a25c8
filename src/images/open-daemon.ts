import { UnsupportedError } from '../content/index.ts'
import type { DaemonLocation } from './location.ts'
import type { OpenedSource, OpenedTarget } from './places.ts'

export function openDaemonSource(location: DaemonLocation, ..._rest: unknown[]): Promise<OpenedSource> {
  throw new UnsupportedError(location.text)
}
export function openDaemonTarget(location: DaemonLocation, ..._rest: unknown[]): Promise<OpenedTarget> {
  throw new UnsupportedError(location.text)
}
