import { blobPushChecks } from './blob-push-checks.ts'
import { blobRangeChecks } from './blob-range-checks.ts'
import { contentChecks } from './content-checks.ts'
import { listingChecks } from './listing-checks.ts'
import { manifestChecks } from './manifest-checks.ts'
import { mountChecks } from './mount-checks.ts'
import type { ProtocolCheck } from './protocol-check.ts'
import { referrerChecks } from './referrer-checks.ts'
import { requestChecks } from './request-checks.ts'
import { uploadChecks } from './upload-checks.ts'

/** Everything that the checks ask of a registry. */
export const allChecks: readonly ProtocolCheck[] = [
  ...requestChecks,
  ...blobPushChecks,
  ...blobRangeChecks,
  ...uploadChecks,
  ...mountChecks,
  ...contentChecks,
  ...manifestChecks,
  ...listingChecks,
  ...referrerChecks,
]
