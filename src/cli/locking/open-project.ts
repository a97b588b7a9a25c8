import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Mirror, parseMirror, ProofStore } from '../../lock/index.ts'
import type { SignerPolicy, TrustRules } from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { findProjectFile } from '../project-file/find-project-file.ts'
import type { LockSection } from '../project-file/lock-section.ts'
import { readKeyFile } from '../project-file/read-key-file.ts'
import { readProjectFile } from '../project-file/read-project-file.ts'
import { trustRulesOf } from '../project-file/trust-rules-of.ts'
import type { ProjectFlags } from './project-flags.ts'

/** A project whose images are locked. */
export interface Project {
  /** The folder that it is in; absolute. */
  readonly root: string
  /** `lading.lock` in it, whether it is there or not. */
  readonly lockFile: string
  readonly settings: LockSection
  readonly rules: TrustRules
  /** Public keys that signatures may be by. */
  readonly keys: readonly Extract<SignerPolicy, { readonly kind: 'key' }>[]
  /** Bundles that are kept with the lock, where the project wants that. */
  readonly proofs: ProofStore | undefined
}

const lockFileName = 'lading.lock'

/**
 * The project that a folder belongs to: that of the `lading.yaml` there or above, else that of the `lading.lock` there or above within
 * the git repository, else the folder itself.
 *
 * @throws {ConfigError} with the line of what is wrong in `lading.yaml`.
 */
export async function openProject(context: CliContext, flags: ProjectFlags): Promise<Project> {
  const start = resolve(context.directory(), flags.project ?? '.')
  const file = findProjectFile(start)
  const root = file === undefined ? (folderOfLock(start) ?? start) : dirname(file)
  const { lock: settings = {}, trust = {} } = file === undefined ? {} : readProjectFile(file)
  const readKey = (path: string): Promise<string> => readKeyFile(context, path, file ?? root)
  const rules = await trustRulesOf(trust, { folder: root, readKey })
  const keys = await Promise.all(
    (settings.keys ?? []).map(async ({ insecureIgnoreTlog, key }) => ({
      kind: 'key' as const,
      publicKeyPem: await readKey(resolve(root, key)),
      unlogged: insecureIgnoreTlog === true,
    })),
  )
  const proofs = settings.proofs === 'vendor' ? new ProofStore(join(root, '.lading', 'proofs')) : undefined
  return { root, lockFile: join(root, lockFileName), settings, rules, keys, proofs }
}

/** `lock.mirror` of `lading.yaml`. */
export function mirrorOf({ settings: { mirror } }: Project): Mirror | undefined {
  return mirror === undefined ? undefined : parseMirror(mirror)
}

/** Outside a repository nothing says where the project ends. */
function folderOfLock(start: string): string | undefined {
  let found: string | undefined
  for (let folder = start; ; folder = dirname(folder)) {
    if (found === undefined && existsSync(join(folder, lockFileName))) found = folder
    if (existsSync(join(folder, '.git'))) return found
    if (folder === dirname(folder)) return found === start ? found : undefined
  }
}
