import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { peer } from './peer.ts'
import { mustRun, type ProgramResult, runProgram } from './run-program.ts'

/** cosign in a folder of its own, which is its home too: with a pair of keys, and a trusted root in `root.json`. */
export interface CosignFolder {
  readonly folder: string
  /** Runs `cosign …words` in the folder. */
  run(...words: readonly string[]): Promise<ProgramResult>
  /** Runs `cosign …words`, which has to succeed; gives its standard output. */
  mustRun(...words: readonly string[]): Promise<string>
}

export const cosignPassword = 'open sesame'

/** What a signature by a key needs to be made without a network: neither log nor time-stamping authority. */
export const unlogged = ['--use-signing-config=false', '--tlog-upload=false', '--yes'] as const

/** Sets up a folder for cosign; `cosign.key` is sealed with {@link cosignPassword}. */
export async function cosignFolder(folder: string, trustedRoot: object): Promise<CosignFolder> {
  await writeFile(join(folder, 'root.json'), JSON.stringify(trustedRoot))
  const options = {
    directory: folder,
    environment: { HOME: folder, COSIGN_PASSWORD: cosignPassword, SIGSTORE_NO_CACHE: 'true' },
  }
  const cosign: CosignFolder = {
    folder,
    run: (...words) => runProgram(peer('cosign'), words, options),
    mustRun: (...words) => mustRun(peer('cosign'), words, options),
  }
  await cosign.mustRun('generate-key-pair')
  return cosign
}
