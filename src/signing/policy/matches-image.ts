import { defaultDomain, defaultTag, type Reference } from '../../oci/index.ts'
import type { ImagePattern } from './image-pattern.ts'

/**
 * Whether a pattern means an image. A registry's name is compared without case, and Docker Hub's older one is its own; everything else
 * as it is. An image without tag and
 * digest has the tag `latest`; one by its digest alone has none, and is meant by no pattern that names tags.
 */
export function matchesImage(pattern: ImagePattern, reference: Reference): boolean {
  const { digest } = reference
  const tag = reference.tag ?? (digest === undefined ? defaultTag : undefined)
  const meansTag = pattern.tag === undefined || (tag !== undefined && matchesGlob(pattern.tag, tag))
  return meansTag && matchesGlob(pattern.name, nameOf(reference))
}

/** The name in the one spelling of patterns. References keep the case of a registry's name, and know Docker Hub in lower case alone. */
function nameOf({ domain, path }: Reference): string {
  const host = domain.toLowerCase()
  if (host !== defaultDomain && host !== `index.${defaultDomain}`) return `${host}/${path}`
  return `${defaultDomain}/${path.includes('/') ? path : `library/${path}`}`
}

/**
 * Follows all ways to read the pattern at once, so that the time is at most the one length times the other, whatever they hold.
 * Most patterns differ before their first wildcard, and there may be many.
 */
function matchesGlob(pattern: string, text: string): boolean {
  const first = pattern.indexOf('*')
  if (first < 0) return pattern === text
  if (!text.startsWith(pattern.slice(0, first))) return false
  const steps = pattern.match(/\*\*|[^]/g) ?? []
  let places = pastWildcards(new Set([0]), steps)
  for (const letter of text) {
    const next = new Set<number>()
    for (const place of places) {
      const step = steps[place]
      if (step === '**' || (step === '*' && letter !== '/')) next.add(place)
      else if (step === letter) next.add(place + 1)
    }
    places = pastWildcards(next, steps)
  }
  return places.has(steps.length)
}

/** With the places behind wildcards that stand for nothing. */
function pastWildcards(places: Set<number>, steps: readonly string[]): Set<number> {
  // A set that is walked hands out what is added meanwhile.
  for (const place of places) if (steps[place]?.startsWith('*') === true) places.add(place + 1)
  return places
}
