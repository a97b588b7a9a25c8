import {
  bytesBody,
  type OperationOptions,
  type TagChanger,
  type Target,
  UnsupportedError,
} from '../../content/index.ts'
import { writeFileAtomically } from '../../files/index.ts'
import type { Transport } from '../../http/index.ts'
import type { Places } from '../../images/index.ts'
import { emptyDescriptor, emptyJson } from '../../oci/index.ts'
import { storeAtGithub, storeBundle, storeCosignLayer } from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { imageName } from '../image-name.ts'
import { writeStdout } from '../write-stdout.ts'
import { checkOutputFile } from './check-output-file.ts'
import type { Destination } from './destination.ts'
import type { MadeBundle } from './made-bundle.ts'
import type { StoredAnswer } from './signing-answer.ts'

/** Takes signatures. */
export interface BundleStore extends AsyncDisposable {
  /** Finds out whether anything is taken at all, before something is published that cannot be taken back. */
  prepare(): Promise<void>
  /** Stores all of them, in order; gives where each is. */
  store(made: readonly MadeBundle[]): Promise<readonly StoredAnswer[]>
}

/** Opens what {@link Destination} says. */
export async function openBundleStore(
  context: CliContext,
  places: Places,
  destination: Destination,
  transport: Transport,
): Promise<BundleStore> {
  switch (destination.kind) {
    case 'place':
      return openPlace(context, places, destination)
    case 'github':
      return githubStore(context, destination, transport)
    case 'file':
      return fileStore(context, destination.path)
    default:
      return destination satisfies never
  }
}

async function openPlace(
  { signal }: CliContext,
  places: Places,
  { format, location }: Extract<Destination, { readonly kind: 'place' }>,
): Promise<BundleStore> {
  const opened = await places.openTarget(location, { signal })
  const { target } = opened
  const name = imageName(location)
  return {
    async prepare() {
      target.expectPushes?.()
      // Part of every bundle's manifest: who may not push learns it here. In a registry it does no harm where no bundle follows.
      if (format === 'bundle' || location.kind === 'registry')
        await target.push(emptyDescriptor, bytesBody(emptyJson), { signal })
    },
    async store(made) {
      const stored: StoredAnswer[] = []
      for (const one of made) stored.push(await storeAt(target, name, one, { signal }))
      await opened.commit({ signal })
      return stored
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}

async function storeAt(
  target: Target,
  name: string,
  { bundle, layer, subject }: MadeBundle,
  options: OperationOptions,
): Promise<StoredAnswer> {
  if (layer !== undefined) {
    if (!canChangeTags(target)) throw new UnsupportedError(`Cannot add to a tag of ${target.display}`)
    const { tag, manifest } = await storeCosignLayer(target, subject.digest, layer, options)
    return { kind: 'tag', name: `${name}:${tag}`, tag, digest: manifest.digest }
  }
  if (subject.descriptor === undefined)
    throw new UnsupportedError(`Cannot refer to ${subject.digest}: its media type and size are not known`)
  const { digest } = await storeBundle(target, subject.descriptor, bundle, options)
  return { kind: 'referrer', name: `${name}@${digest}`, digest }
}

function canChangeTags(target: Target): target is Target & TagChanger {
  return target.changeTag !== undefined
}

function githubStore(
  { signal }: CliContext,
  { api, repository, server, token }: Extract<Destination, { readonly kind: 'github' }>,
  transport: Transport,
): BundleStore {
  return {
    prepare: () => Promise.resolve(),
    async store(made) {
      const stored: StoredAnswer[] = []
      for (const { bundle } of made) {
        const id = await storeAtGithub(bundle, { api, repository, signal, token, transport })
        stored.push({ kind: 'github', id, url: `${server}/${repository}/attestations/${id}` })
      }
      return stored
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

/** One bundle, or one on each line. */
function fileStore(context: CliContext, path: string): BundleStore {
  const { signal } = context
  return {
    async prepare() {
      if (path !== '-') await checkOutputFile(path)
    },
    async store(made) {
      const bytes = Buffer.from(made.map(({ bundle }) => `${JSON.stringify(bundle)}\n`).join(''))
      if (path === '-') await writeStdout(context, 'the bundle', bytes)
      else await writeFileAtomically(path, bytes, { signal })
      return made.map(() => ({ kind: 'file', path }) as const)
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
