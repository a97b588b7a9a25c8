export type { Committable } from './committable.ts'
export { createMemoryStore, type MemoryStore, type MemoryStoreOptions } from './memory/memory-store.ts'
export type { OciLayout } from './oci-layout/directory-layout.ts'
export { openLayout, type OpenLayoutOptions } from './oci-layout/open-layout.ts'
export type { OpenArchiveOptions } from './archive-bytes.ts'
export type { ArchiveSource } from './archive-source.ts'
export type { ArchiveTarget, CreateArchiveOptions } from './archive-form.ts'
export {
  createDockerArchive,
  type CreateDockerArchiveOptions,
} from './docker-archive/create-docker-archive.ts'
export { openDockerArchive } from './docker-archive/open-docker-archive.ts'
export { createOciArchive } from './oci-archive/create-oci-archive.ts'
export { openOciArchive } from './oci-archive/open-oci-archive.ts'
export {
  createDockerDaemonTarget,
  type CreateDockerDaemonOptions,
} from './docker-daemon/create-docker-daemon-target.ts'
export { openDockerDaemon, type OpenDockerDaemonOptions } from './docker-daemon/open-docker-daemon.ts'
