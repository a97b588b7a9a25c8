import { parseReference, type Reference, withDefaultTag, withDigest } from '../oci/index.ts'
import type { Occurrence } from '../references/index.ts'
import { collectUses } from './collect-uses.ts'
import type { Lock } from './lock.ts'
import { mirroredReference } from './mirror/mirrored-reference.ts'
import type { Mirror } from './mirror/parse-mirror.ts'
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
 * @param mirror that the images are taken from; default: from where they are
 */
export function emitLock(
  form: EmittedForm,
  lock: Lock,
  occurrences: readonly Occurrence[],
  mirror?: Mirror,
): EmittedLock {
  const at = (reference: Reference): Reference =>
    mirror === undefined ? reference : mirroredReference(mirror, reference)
  switch (form) {
    case 'buildkit-policy':
      return { text: json({ rules: replaced(lock, at).map(policyRule) }) }
    case 'bake':
      return {
        text: json({ target: { lading: { contexts: Object.fromEntries(replaced(lock, at).map(context)) } } }),
      }
    case 'compose':
      return composeOverride(lockedPlaces(lock, occurrences, at))
    case 'kustomize':
      return kustomizeComponent(lockedPlaces(lock, occurrences, at), mirror !== undefined)
    default:
      return form satisfies never
  }
}

/** Where an image is taken from. */
type At = (reference: Reference) => Reference

interface ReplacedImage {
  /** As the sources name it. */
  readonly named: Reference
  readonly pinned: Reference
}

/** What is to be replaced: what a tag alone names; with a mirror, what has a digest too. */
function replaced({ images }: Lock, at: At): readonly ReplacedImage[] {
  return Object.entries(images)
    .toSorted(byText)
    .map(([key, { digest }]) => ({ named: parseReference(key), digest }))
    .map(({ digest, named }) => ({ named, pinned: at(withDigest(named, digest)) }))
    .filter(({ named, pinned }) => named.canonical !== pinned.canonical)
}

/** An identifier that is the same matches whatever the kind of match is (BuildKit, sourcepolicy/matcher.go). */
function policyRule({ named, pinned }: ReplacedImage): unknown {
  return {
    action: 'CONVERT',
    selector: { identifier: `docker-image://${named.canonical}` },
    updates: { identifier: `docker-image://${pinned.canonical}` },
  }
}

/** BuildKit looks for a context by the name that docker shows, and without `latest`. */
function context({ named, pinned }: ReplacedImage): readonly [string, string] {
  return [named.familiar.replace(/:latest$/, ''), `docker-image://${pinned.canonical}`]
}

const composeFile = /(?:^|\/)(?:docker-)?compose[^/]*\.ya?ml$/

/** An argument or a context of a build may be called `image` too. */
const servicePlace = /^services\.(?!.*\.build\.(?:args|additional_contexts)\.image$)(.+)\.image$/s

function composeOverride(places: readonly LockedPlace[]): EmittedLock {
  const services = new Map<string, string>()
  for (const { key, occurrence, reference } of places) {
    const service = composeFile.test(occurrence.file) ? servicePlace.exec(occurrence.place)?.[1] : undefined
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
function kustomizeComponent(places: readonly LockedPlace[], isMirrored: boolean): EmittedLock {
  const images = new Map<string, Reference>()
  for (const { occurrence, reference } of places) {
    const { file, text } = occurrence
    if (kustomizationFile.test(file))
      return { problem: `${file} gives images their tags itself, which a component does not see; lading pin` }
    if (!isManifest(file)) continue
    const name = writtenName(text)
    if ((images.get(name) ?? reference).digest !== reference.digest)
      return { problem: `${name} is used with several tags, and kustomize gives a name one digest` }
    images.set(name, reference)
  }
  if (images.size === 0) return { problem: 'no manifest of the project names an image' }
  const lines = [...images]
    .toSorted(byText)
    .flatMap(([name, { digest = '', name: newName }]) => [
      `  - name: ${yamlScalar(name)}`,
      ...(isMirrored ? [`    newName: ${yamlScalar(newName)}`] : []),
      `    digest: ${yamlScalar(digest)}`,
    ])
  const head = ['apiVersion: kustomize.config.k8s.io/v1alpha1', 'kind: Component', 'images:']
  return { text: `${[...head, ...lines].join('\n')}\n` }
}

interface LockedPlace {
  readonly key: string
  readonly occurrence: Occurrence
  /** With its digest. */
  readonly reference: Reference
}

function lockedPlaces(lock: Lock, occurrences: readonly Occurrence[], at: At): readonly LockedPlace[] {
  return collectUses(occurrences, lock).images.flatMap(({ key, occurrences: places, reference }) => {
    const digest = lock.images[key]?.digest
    if (digest === undefined) return []
    const pinned = at(withDigest(withDefaultTag(reference), digest))
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
