import { UsageError } from '../../errors/index.ts'
import {
  inTotoStatement,
  predicateShortNames,
  predicateType,
  workflowClaims,
  workflowProvenance,
} from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { readInput } from '../read-input.ts'
import { githubServer } from './destination.ts'
import { makeSignatures, type TaskRequest } from './make-signatures.ts'
import { refuseToReplace } from './refuse-to-replace.ts'
import { repositoryName } from './sign-image.ts'
import type { SigningFlags } from './signing-flags.ts'

/** Flags of `attest`. */
export type AttestFlags = SigningFlags & {
  readonly type: string
  readonly predicate?: string | undefined
}

/** As much as `verify` reads again, with room for base64. */
const largestPredicate = 10 * 1024 * 1024

/** Signs a statement about an image: a predicate from a file, or how this job of GitHub Actions built it. */
export async function attestImage(context: CliContext, flags: AttestFlags, image: string): Promise<void> {
  const type = typeOf(flags)
  const { bundleOut, predicate: file } = flags
  if (bundleOut !== undefined) refuseToReplace(bundleOut, [file])
  await makeSignatures(context, flags, image, async (request) => {
    const predicate =
      file === undefined ? await ownProvenance(context, request) : await readPredicate(context, file)
    const name = repositoryName(request.location)
    return {
      predicateType: type,
      recursive: false,
      contentOf: ({ digest }) => ({
        kind: 'statement',
        payload: inTotoStatement({ subjects: [{ name, digest }], predicateType: type, predicate }),
      }),
    }
  })
}

function typeOf({ type, predicate }: AttestFlags): string {
  const uri = predicateType(type)
  if (uri === undefined) {
    throw new UsageError(
      `Cannot attest ${JSON.stringify(type)}: it is neither a URI nor one of the short names`,
      {
        hint: `Short names: ${predicateShortNames().join(', ')}`,
      },
    )
  }
  if (type === 'provenance' && predicate !== undefined)
    throw new UsageError(
      'Cannot take --predicate with --type provenance: that one is made of what GitHub says',
      {
        hint: 'Provenance from a file: --type slsaprovenance1 --predicate FILE',
      },
    )
  if (type !== 'provenance' && predicate === undefined)
    throw new UsageError('Cannot attest without a predicate: name its file, --predicate FILE')
  return uri
}

async function readPredicate(context: CliContext, path: string): Promise<object> {
  const bytes = await readInput(context, path, largestPredicate)
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new UsageError(`Cannot attest ${path}: it is not JSON`, { cause: error })
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json
  throw new UsageError(`Cannot attest ${path}: a predicate is a JSON object`)
}

async function ownProvenance(
  { environment }: CliContext,
  { signal, transport }: TaskRequest,
): Promise<object> {
  const claims = await workflowClaims({ environment, signal, transport })
  return workflowProvenance(claims, githubServer(environment))
}
