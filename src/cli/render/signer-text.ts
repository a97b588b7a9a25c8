import type { RememberedSigner } from '../../lock/index.ts'
import { safeText } from './safe-text.ts'

/** Who signed, on one line. */
export function signerText(signer: RememberedSigner): string {
  if ('key' in signer) return `the key ${signer.key}`
  const { identity, issuer, sourceRepository, sourceRepositoryId } = signer
  const id = sourceRepositoryId === undefined ? '' : ` (id ${sourceRepositoryId})`
  const from = sourceRepository === undefined ? '' : `, from ${sourceRepository}${id}`
  return safeText(`${identity}${from}, by ${issuer}`)
}
