export { createRegistryServer } from './create-server.ts'
export { createLog, type LogDestination, type LogLevel } from './log/create-log.ts'
export { ListenError, type ListenErrorCode } from './listen/listen-error.ts'
export {
  defaultListenAddress,
  formatListenAddress,
  parseListenAddress,
} from './listen/parse-listen-address.ts'
export type { CloseOptions, RegistryServer } from './registry-server.ts'
export type {
  AccessOptions,
  AccessRule,
  CollectionOptions,
  ImmutableTags,
  LimitOptions,
  ListenAddress,
  ServerOptions,
  TlsFiles,
  TrustedIssuer,
  WorkloadMatch,
} from './server-options.ts'
export { checkDataDirectory, type CheckDataDirectoryOptions } from './fsck/check-data-directory.ts'
export type { FsckCounts, FsckProgress } from './fsck/fsck-progress.ts'
export {
  type ContentState,
  type Damage,
  type Finding,
  type Harm,
  type Hurts,
  isDamage,
  type Leftover,
} from './fsck/finding.ts'
