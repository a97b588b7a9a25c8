import { parseReference, type Reference, withDefaultTag, withDigest } from '../oci/index.ts'
import type { Occurrence } from '../references/index.ts'
import { collectUses } from './collect-uses.ts'
import type { Lock } from './lock.ts'
import { yamlScalar } from './yaml-scalar.ts'

/** The forms in which a lock is handed to those who build and deploy, so that no source has to be edited. */
export type EmittedForm = 'buildkit-policy' | 'bake' | 'compose' | 'kustomize'

/** A lock in another form, or what keeps it from being one. */
export type EmittedLock = { readonly text: string } | { readonly problem: string }

/**
 * Writes a lock in the form of a tool.
 *
 * - `buildkit-policy`: a source policy that gives each tag its digest (BuildKit, docs/build-repro.md).
 * - `bake`: a Bake file with a target `lading`, whose contexts are the images; others inherit it.
 * - `compose`: an override file with the image of each service.
 * - `kustomize`: a component with the images that manifests name.
 *
 * @param occurrences all of them in the lock
 */
export function emitLock(form: EmittedForm, lock: Lock, occurrences: readonly Occurrence[]): EmittedLock {
  switch (form) {
    case 'buildkit-policy':
      return { text: json({ rules: tagged(lock).map(policyRule) }) }
    case 'bake':
      return {
        text: json({ target: { lading: { contexts: Object.fromEntries(tagged(lock).map(context)) } } }),
      }
    case 'compose':
      return composeOverride(lock, occurrences)
    case 'kustomize':
      return kustomizeComponent(lock, occurrences)
    default:
      return form satisfies never
  }
}

interface TaggedImage {
  readonly tag: Reference
  readonly pinned: Reference
}

/** What a tag alone names; where the sources have a digest nothing is left to be said. */
function tagged({ images }: Lock): readonly TaggedImage[] {
  return Object.entries(images)
    .map(([key, { digest }]) => ({ tag: parseReference(key), digest }))
    .filter(({ tag }) => tag.digest === undefined)
    .map(({ digest, tag }) => ({ tag, pinned: withDigest(tag, digest) }))
}

function policyRule({ pinned, tag }: TaggedImage): unknown {
  return {
    action: 'CONVERT',
    selector: { identifier: `docker-image://${tag.canonical}` },
    updates: { identifier: `docker-image://${pinned.canonical}` },
  }
}

/** BuildKit looks for a context by the name that docker shows, and without `latest`. */
function context({ pinned, tag }: TaggedImage): readonly [string, string] {
  return [tag.familiar.replace(/:latest$/, ''), `docker-image://${pinned.canonical}`]
}

const composeFile = /(?:^|\/)(?:docker-)?compose[^/]*\.ya?ml$/

function composeOverride(lock: Lock, occurrences: readonly Occurrence[]): EmittedLock {
  const services = new Map<string, string>()
  for (const { key, occurrence, reference } of lockedPlaces(lock, occurrences)) {
    const service = composeFile.test(occurrence.file)
      ? /^services\.(.+)\.image$/.exec(occurrence.place)?.[1]
      : undefined
    if (service === undefined) continue
    const known = services.get(service)
    if (known !== undefined && known !== reference.familiar)
      return {
        problem: `several compose files have a service ${service}, with different images (${key} is one)`,
      }
    services.set(service, reference.familiar)
  }
  if (services.size === 0) return { problem: 'no compose file of the project names an image' }
  const lines = [...services]
    .toSorted(byText)
    .flatMap(([service, image]) => [`  ${yamlScalar(service)}:`, `    image: ${yamlScalar(image)}`])
  return { text: `${['services:', ...lines].join('\n')}\n` }
}

const kustomizationFile = /(?:^|\/)kustomization(?:\.ya?ml)?$/i

/** YAML that is neither compose, Helm values, nor of a CI. */
function isManifest(file: string): boolean {
  return /\.ya?ml$/.test(file) && !composeFile.test(file) && !/(?:^|\/)(?:\.|values[^/]*\.ya?ml$)/.test(file)
}

/** Kustomize compares names as they are written, and knows one image for each. */
function kustomizeComponent(lock: Lock, occurrences: readonly Occurrence[]): EmittedLock {
  const digests = new Map<string, string>()
  for (const { occurrence, reference } of lockedPlaces(lock, occurrences)) {
    const { file, text } = occurrence
    if (kustomizationFile.test(file))
      return { problem: `${file} gives images their tags itself, which a component does not see; lading pin` }
    if (!isManifest(file)) continue
    const name = writtenName(text)
    const digest = reference.digest ?? ''
    if ((digests.get(name) ?? digest) !== digest)
      return { problem: `${name} is used with several tags, and kustomize gives a name one digest` }
    digests.set(name, digest)
  }
  if (digests.size === 0) return { problem: 'no manifest of the project names an image' }
  const lines = [...digests]
    .toSorted(byText)
    .flatMap(([name, digest]) => [`  - name: ${yamlScalar(name)}`, `    digest: ${yamlScalar(digest)}`])
  const head = ['apiVersion: kustomize.config.k8s.io/v1alpha1', 'kind: Component', 'images:']
  return { text: `${[...head, ...lines].join('\n')}\n` }
}

interface LockedPlace {
  readonly key: string
  readonly occurrence: Occurrence
  /** With its digest. */
  readonly reference: Reference
}

function lockedPlaces(lock: Lock, occurrences: readonly Occurrence[]): readonly LockedPlace[] {
  return collectUses(occurrences, lock).images.flatMap(({ key, occurrences: places, reference }) => {
    const digest = lock.images[key]?.digest
    if (digest === undefined) return []
    const pinned = withDigest(withDefaultTag(reference), digest)
    return places.map((occurrence) => ({ key, occurrence, reference: pinned }))
  })
}

function writtenName(text: string): string {
  const [named = ''] = text.split('@')
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  return colon < 0 ? named : named.slice(0, colon)
}

function byText([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
