import { dirname, relative, resolve } from 'node:path'
import { UsageError } from '../../errors/index.ts'
import type { ImageCriteria, TrustRules } from '../../signing/index.ts'
import { readBoundedFile } from '../config/read-bounded-file.ts'
import type { CliContext } from '../context.ts'
import { findProjectFile } from '../project-file/find-project-file.ts'
import { readInput } from '../read-input.ts'
import { safeText } from '../render/safe-text.ts'
import { imageCriteria } from './image-criteria.ts'
import type { VerifyFlags } from './verify-flags.ts'

/** What images are held against: what the flags ask for, or a project's rules. */
export type VerificationBasis =
  | { readonly kind: 'criteria'; readonly criteria: ImageCriteria }
  | ({ readonly kind: 'policy' } & Policy)

/** A project's rules. */
export interface Policy {
  readonly rules: TrustRules
  /** The file as it is shown: as it was named, else from the folder that the command was called in. */
  readonly file: string
}

/**
 * What the flags say of who must have signed, else the rules of `--policy` or of the project's `lading.yaml`; undefined where there
 * are none. That flags win over a project's rules is said.
 *
 * @throws {UsageError} for flags that do not go together. @throws {ConfigError} with the line of what is wrong in the file.
 */
export async function verificationBasis(
  context: CliContext,
  flags: VerifyFlags,
): Promise<VerificationBasis | undefined> {
  const criteria = await imageCriteria(flags, { read: (path, limit) => readInput(context, path, limit) })
  const file =
    flags.policy === undefined
      ? findProjectFile(context.directory())
      : resolve(context.directory(), flags.policy)
  if (criteria !== undefined) {
    sayThatFlagsWin(context, flags, file)
    return { kind: 'criteria', criteria }
  }
  if (file === undefined) return undefined
  const policy = await readPolicy(context, file, flags.policy ?? shownPath(context, file))
  if (policy === undefined) {
    if (flags.policy === undefined) return undefined
    throw new UsageError(`Cannot verify by ${flags.policy}: it has no trust rules`)
  }
  if (flags.type !== undefined || flags.predicateType !== undefined)
    throw new UsageError(`Cannot take --type with the rules of ${policy.file}: they say what is asked for`, {
      hint: 'Write it as predicates of a rule, or say who has to have signed: --owner, --identity, --key.',
    })
  return { kind: 'policy', ...policy }
}

function sayThatFlagsWin(context: CliContext, flags: VerifyFlags, file: string | undefined): void {
  if (flags.policy !== undefined)
    throw new UsageError('Cannot take --policy together with flags that say who must have signed')
  if (file === undefined || !mentionsTrust(file)) return
  context.output.note(`${shownPath(context, file)} is not asked: the flags say who must have signed`)
}

/** Enough for a note; the file need not be right for that. */
function mentionsTrust(file: string): boolean {
  try {
    return /^["']?trust["']?\s*:/m.test(readBoundedFile(file, '') ?? '')
  } catch {
    return false
  }
}

/** Read only here: the code for YAML and schemas takes time to load, and flags alone need none of it. */
async function readPolicy(context: CliContext, file: string, shown: string): Promise<Policy | undefined> {
  const [{ readProjectFile }, { trustRulesOf }, { readKeyFile }] = await Promise.all([
    import('../project-file/read-project-file.ts'),
    import('../project-file/trust-rules-of.ts'),
    import('../project-file/read-key-file.ts'),
  ])
  const { trust } = readProjectFile(file)
  if (trust === undefined) return undefined
  const rules = await trustRulesOf(trust, {
    folder: dirname(file),
    readKey: (path) => readKeyFile(context, path, file),
  })
  return { rules, file: shown }
}

function shownPath(context: CliContext, file: string): string {
  return safeText(relative(context.directory(), file))
}
