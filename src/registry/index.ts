export type { Credentials } from './credentials/credentials.ts'
export type { HostSettings, RegistryClientOptions } from './options.ts'
export { createRegistryClient, type RegistryClient } from './registry-client.ts'
export type { Repository } from './repository.ts'
