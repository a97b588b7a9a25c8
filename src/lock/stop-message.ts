import type { SignatureStop } from './decide-signatures.ts'
import type { RememberedSigner } from './lock.ts'

/** Why an image is not let in, to be read after its name. */
export function stopMessage(stop: SignatureStop): string {
  switch (stop.reason) {
    case 'signer-changed':
      return `is signed by ${namesOf(stop.is)}; before it was ${namesOf(stop.was)}`
    case 'signature-gone':
      return `has no signature that verifies; before it was signed by ${namesOf(stop.was)}`
    case 'rule-refused':
      return `does not fulfil the rule ${stop.rule}: ${stop.reasons.join('; ')}`
    case 'rule-missing':
      return 'has no rule, and lading.yaml asks for one (trust.default: require)'
    default:
      return stop satisfies never
  }
}

/** Who signed, on one line. */
export function signerName(signer: RememberedSigner): string {
  if ('key' in signer) return `the key ${signer.key}`
  const { identity, issuer, sourceRepository, sourceRepositoryId } = signer
  const id = sourceRepositoryId === undefined ? '' : ` (id ${sourceRepositoryId})`
  const from = sourceRepository === undefined ? '' : `, from ${sourceRepository}${id}`
  return `${identity}${from}, by ${issuer}`
}

function namesOf(signers: readonly RememberedSigner[]): string {
  return signers.length === 0 ? 'nobody who is known' : signers.map(signerName).join(' and ')
}
