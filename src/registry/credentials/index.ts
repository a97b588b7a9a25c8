export type { Credentials, CredentialsFinder } from './credentials.ts'
export { CredentialsError } from './credentials-error.ts'
export { createCredentialsFinder, type GivenCredentials } from './find-credentials.ts'
export {
  eraseCredentials,
  storeCredentials,
  type StoreCredentialsOptions,
  type StoredCredentials,
} from './store-credentials.ts'
