import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { LadingError } from '../../../errors/index.ts'
import { asFileError, makeDirectory, writeFileAtomically } from '../../../files/index.ts'
import { mirrorName, readMirror, type TrustInstance } from './trust-instance.ts'

const largestRoot = 512 * 1024
const ending = '.root.json'
const schema = v.object({
  mirror: v.pipe(v.string(), v.maxLength(2048)),
  root: v.pipe(v.string(), v.maxLength(largestRoot)),
})

/** A file of a remembered instance that is not as it was written: whom to believe is not guessed. */
export class RememberedInstanceError extends LadingError<'REMEMBERED_INSTANCE'> {
  constructor(path: string, cause: unknown) {
    super('REMEMBERED_INSTANCE', `Cannot read whom to believe from ${path}: it is not as it was written`, {
      cause,
      hint: 'Delete it, and give the instance anew: lading trust update --mirror URL --root FILE',
    })
  }
}

/**
 * The instances that were given once, by their names.
 *
 * @param folder where the user's settings are
 * @throws {RememberedInstanceError} @throws {FileError}
 */
export async function rememberedInstances(folder: string): Promise<readonly TrustInstance[]> {
  const names = await namesIn(join(folder, 'trust'))
  return Promise.all(names.map((name) => readInstance(join(folder, 'trust', name))))
}

/** Remembers an instance, in place of what was remembered of it. @throws {FileError} */
export async function rememberInstance(folder: string, { mirror, root }: TrustInstance): Promise<void> {
  const path = join(folder, 'trust', `${encodeURIComponent(mirrorName(mirror))}${ending}`)
  try {
    await makeDirectory(join(folder, 'trust'), 0o700)
  } catch (error) {
    throw asFileError(`write ${path}`, error)
  }
  const json = { mirror, root: Buffer.from(root).toString('utf8') }
  await writeFileAtomically(path, `${JSON.stringify(json)}\n`, { mode: 0o600 })
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(ending)).toSorted()
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return []
    throw asFileError(`read ${folder}`, error)
  }
}

async function readInstance(path: string): Promise<TrustInstance> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw asFileError(`read ${path}`, error)
  }
  try {
    const { mirror, root } = v.parse(schema, JSON.parse(text))
    return { mirror: readMirror(mirror), root: Buffer.from(root) }
  } catch (error) {
    throw new RememberedInstanceError(path, error)
  }
}
