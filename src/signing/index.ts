export {
  ArtifactBytesNeededError,
  InvalidImagePatternError,
  InvalidTrustRootError,
  NotVerifiedError,
} from './errors.ts'
export { builtInTrust } from './trust/built-in-trust.ts'
export {
  type DescribedAuthority,
  type DescribedLog,
  type DescribedRoot,
  describeTrust,
} from './trust/describe-trust.ts'
export { TrustUpdateError } from './trust/tuf/errors.ts'
export { refreshTrust } from './trust/tuf/refresh-trust.ts'
export { rememberedInstances, rememberInstance } from './trust/tuf/remembered-instances.ts'
export { githubMirror, mirrorName, readMirror, type TrustInstance } from './trust/tuf/trust-instance.ts'
export {
  publicGoodInstance,
  type TrustFolders,
  type UsedTrust,
  usedTrust,
  usualTrust,
} from './trust/usual-trust.ts'
export { maxTrustedRootBytes, readTrustedRoots } from './trust/read-trusted-roots.ts'
export type {
  Artifact,
  CertificateClaims,
  LogEntry,
  ProvedTime,
  Signer,
  SignerPolicy,
  Statement,
  StatementSubject,
  TextCondition,
  TrustMaterial,
  VerificationCheck,
  VerificationFailure,
  Verified,
} from './types.ts'
export { verifyBundle, type VerifyBundleOptions } from './verify/verify-bundle.ts'
export { bundleLines, largestBundleFile } from './evidence/bundle-lines.ts'
export { type Claim, claimOf } from './evidence/claim-of.ts'
export type { Evidence, EvidenceContent, EvidencePlace } from './evidence/evidence.ts'
export { EvidenceBudget } from './evidence/evidence-budget.ts'
export { githubEvidence } from './evidence/github-evidence.ts'
export type { GithubEvidenceOptions } from './evidence/list-attestations.ts'
export { attachmentEvidence, placeEvidence, type PlaceEvidenceOptions } from './evidence/place-evidence.ts'
export type { ClaimCheck, ClaimFailure } from './policy/claim-failure.ts'
export { type GithubCriteria, githubIssuer } from './policy/github-criteria.ts'
export { predicateShortNames, predicateType } from './policy/predicate-types.ts'
export type { ProvedEvidence, RejectedEvidence } from './prove-evidence.ts'
export { type EvidenceVerdict, type ImageCriteria, verifyEvidence } from './verify-evidence.ts'
export {
  IdentityTokenError,
  InvalidSigningConfigError,
  SigningKeyError,
  SigningServiceError,
} from './sign/errors.ts'
export { keylessSigner, type KeylessSignerOptions } from './sign/fulcio/keyless-signer.ts'
export { ambientIdentityToken, type AmbientIdentityOptions } from './sign/identity/ambient-identity-token.ts'
export { IdentityToken } from './sign/identity/identity-token.ts'
export { loginIdentityToken, type LoginOptions } from './sign/identity/login/login-identity-token.ts'
export { type GeneratedKeyPair, generateKeyPair } from './sign/keys/generate-key-pair.ts'
export { keySigner } from './sign/keys/key-signer.ts'
export type { PrivateKeySource } from './sign/keys/read-private-key.ts'
export { readServiceUrl } from './sign/services/read-service-url.ts'
export { readSigningConfig } from './sign/services/read-signing-config.ts'
export {
  githubServices,
  type LogService,
  publicGoodServices,
  type SigningServices,
} from './sign/services/signing-services.ts'
export { witnessesOf } from './sign/services/witnesses-of.ts'
export { noWitnesses, signBundle, type SignBundleOptions } from './sign/sign-bundle.ts'
export { inTotoStatement, type StatementParts } from './sign/statement.ts'
export type {
  BundleSigner,
  LogWitness,
  MadeSignature,
  SignedContent,
  TimestampWitness,
  VerificationMaterial,
  Witnesses,
} from './sign/types.ts'
export type { FulfilledDemand } from './hold-against-rule.ts'
export { type ImageVerdict, judgeImage, type JudgeRequest } from './judge-image.ts'
export { compareImagePatterns } from './policy/compare-image-patterns.ts'
export { findRule, type MatchedRule } from './policy/find-rule.ts'
export { githubOwners } from './policy/github-owners.ts'
export { type ImagePattern, parseImagePattern } from './policy/image-pattern.ts'
export { parseSourceUri } from './policy/parse-source-uri.ts'
export type {
  AcceptedSigner,
  ProvenanceConditions,
  SignedRule,
  TrustRule,
  TrustRules,
  UnsignedRule,
} from './policy/trust-rules.ts'
export { type WorkflowClaims, workflowClaims } from './provenance/workflow-claims.ts'
export { type WorkflowProvenance, workflowProvenance } from './provenance/workflow-provenance.ts'
export type { CosignLayer } from './store/cosign-layer.ts'
export { logIndexes } from './store/log-indexes.ts'
export { signCosignLayer, type SignedCosignLayer } from './store/sign-cosign-layer.ts'
export { simpleSigningPayload, type SimpleSigningParts } from './store/simple-signing-payload.ts'
export { type GithubStoreOptions, storeAtGithub } from './store/store-at-github.ts'
export { storeBundle, type StoreBundleOptions } from './store/store-bundle.ts'
export { storeCosignLayer, type StoredCosignLayer } from './store/store-cosign-layer.ts'
export { cosignSign } from './policy/predicate-types.ts'
