export { CertificateFileError } from './certificates.ts'
export {
  type Credentials,
  CredentialsError,
  type GivenCredentials,
  eraseCredentials,
  storeCredentials,
  type StoreCredentialsOptions,
  type StoredCredentials,
} from './credentials/index.ts'
export type { HostSettings, RegistryClientOptions } from './options.ts'
export type { RateLimit } from './rate-limit.ts'
export { createRegistryClient, type RegistryClient } from './registry-client.ts'
export type { Repository } from './repository.ts'
