export type { Committable } from './committable.ts'
export { createMemoryStore, type MemoryStore, type MemoryStoreOptions } from './memory/memory-store.ts'
export type { OciLayout } from './oci-layout/directory-layout.ts'
export { openLayout, type OpenLayoutOptions } from './oci-layout/open-layout.ts'
