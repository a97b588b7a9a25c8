/** The predicate of provenance that GitHub's attestations have (slsa.dev). */
export const slsaProvenance = 'https://slsa.dev/provenance/v1'
/** The same in its older version, as SLSA's own generators write it. */
export const slsaProvenance02 = 'https://slsa.dev/provenance/v0.2'
/** The predicate of a signature that says nothing more, as cosign 3 writes it. */
export const cosignSign = 'https://sigstore.dev/cosign/sign/v1'

/**
 * The predicate types that say "I made this", and so are enough where none is asked for. An SBOM or a report of vulnerabilities says
 * something about an image that anybody may have made.
 */
export const authorshipPredicates: readonly string[] = [cosignSign, slsaProvenance, slsaProvenance02]

/** cosign's short names (`cosign attest --type`), and the ones of Lading's own `attest`. */
const shortNames: Readonly<Record<string, string>> = {
  slsaprovenance: slsaProvenance02,
  slsaprovenance02: slsaProvenance02,
  slsaprovenance1: slsaProvenance,
  provenance: slsaProvenance,
  link: 'https://in-toto.io/Link/v1',
  spdx: 'https://spdx.dev/Document',
  spdxjson: 'https://spdx.dev/Document',
  cyclonedx: 'https://cyclonedx.org/bom',
  vuln: 'https://cosign.sigstore.dev/attestation/vuln/v1',
  openvex: 'https://openvex.dev/ns',
}

/** The predicate type behind a short name or a URI; undefined when the text is neither. */
export function predicateType(text: string): string | undefined {
  if (Object.hasOwn(shortNames, text)) return shortNames[text]
  return URL.canParse(text) && !/\s/.test(text) ? text : undefined
}

/** The short names, for messages. */
export function predicateShortNames(): readonly string[] {
  return Object.keys(shortNames)
}
