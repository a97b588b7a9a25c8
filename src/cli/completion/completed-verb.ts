import { flagName } from '../flag-usage.ts'
import type { FlagDescription, VerbDescription } from '../verb-description.ts'

/** What can stand where: fixed words, a path, a place with its prefix, or something that nobody can guess. */
export type CompletedValue =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'file' | 'directory' | 'place' | 'anything' }

/** A flag as a shell completes it. */
export interface CompletedFlag {
  /** `--output`. */
  readonly long: string
  /** `-o`. */
  readonly short: string | undefined
  readonly brief: string
  /** Undefined: it takes none. */
  readonly value: CompletedValue | undefined
  readonly isRepeatable: boolean
}

/** A verb as a shell completes it. */
export interface CompletedVerb {
  readonly name: string
  readonly brief: string
  readonly flags: readonly CompletedFlag[]
  readonly argument: CompletedValue
}

/** Those that images are mostly built for. */
const usualPlatforms = [
  'linux/amd64',
  'linux/arm64',
  'linux/arm/v7',
  'linux/arm/v6',
  'linux/386',
  'linux/ppc64le',
  'linux/riscv64',
  'linux/s390x',
  'windows/amd64',
]

/** Prefixes of places, as an image is written. */
export const placePrefixes: readonly string[] = [
  'docker://',
  'oci:',
  'oci-archive:',
  'docker-archive:',
  'docker-daemon:',
]

/** What a shell needs to know of a verb. */
export function completedVerb({ name, brief, flags, aliases, usage }: VerbDescription): CompletedVerb {
  const shortOf = new Map(Object.entries(aliases).map(([letter, property]) => [property, `-${letter}`]))
  const shown = Object.entries(flags).filter(([, flag]) => flag.hidden !== true)
  return {
    name,
    brief,
    flags: [
      ...shown.map(([property, flag]) => ({
        long: flagName(property),
        short: shortOf.get(property),
        brief: flag.brief,
        value: valueOf(flag),
        isRepeatable: flag.variadic !== undefined && flag.variadic !== false,
      })),
      { long: '--help', short: '-h', brief: 'Show help', value: undefined, isRepeatable: false },
    ],
    argument: argumentOf(usage),
  }
}

function valueOf(flag: FlagDescription): CompletedValue | undefined {
  if (flag.kind === 'boolean' || flag.kind === 'counter') return undefined
  if (flag.kind === 'enum') return { kind: 'words', words: flag.values ?? [] }
  const placeholder = flag.placeholder?.toLowerCase() ?? ''
  if (placeholder.startsWith('os/arch')) return { kind: 'words', words: usualPlatforms }
  if (/\bfile\b/.test(placeholder)) return { kind: 'file' }
  if (/\bdir(?:ectory)?\b/.test(placeholder)) return { kind: 'directory' }
  return { kind: /\bimage\b/.test(placeholder) ? 'place' : 'anything' }
}

/** By the usage line: `bash|zsh|fish`, `IMAGE`, `SOURCE DESTINATION…`, `[REGISTRY]`. */
function argumentOf(usage: string): CompletedValue {
  if (/^[a-z]+(?:\|[a-z]+)+$/.test(usage)) return { kind: 'words', words: usage.split('|') }
  return { kind: /IMAGE|SOURCE|DESTINATION|REPOSITORY/.test(usage) ? 'place' : 'anything' }
}
