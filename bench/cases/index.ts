import type { BenchCase } from '../bench-case.ts'
import { cat } from './cat.ts'
import { copyAgain } from './copy-again.ts'
import { copyLarge } from './copy-large.ts'
import { copyMany } from './copy-many.ts'
import { exportFileSystem } from './export.ts'
import { lockFind } from './lock-find.ts'
import { lockProject } from './lock-project.ts'
import { memory } from './memory.ts'
import { serverBlobs } from './server-blobs.ts'
import { serverLatency } from './server-latency.ts'
import { serverPushes } from './server-pushes.ts'
import { serverRequests } from './server-requests.ts'
import { resolve, version } from './start.ts'
import { verifyMany } from './verify-many.ts'
import { verify } from './verify.ts'

/** All cases, in the order of the table. */
export const benchCases: readonly BenchCase[] = [
  copyLarge,
  copyMany,
  copyAgain,
  cat,
  exportFileSystem,
  version,
  resolve,
  verify,
  memory,
  verifyMany,
  lockProject,
  lockFind,
  serverRequests,
  serverBlobs,
  serverPushes,
  serverLatency,
]
