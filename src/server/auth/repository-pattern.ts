import { AccessConfigurationError } from './access-configuration-error.ts'
import { compilePattern, type PatternStep } from './wildcard-pattern.ts'

/** Says whether a repository is meant. */
export type RepositoryMatcher = (repository: string) => boolean

/**
 * Reads a pattern over whole names of repositories. `*` stands for any text within one component, `**` for any text,
 * also across slashes; everything else for itself. `team/**` therefore means `team/app` and `team/app/web`, and neither
 * `team` nor `team-a/app`.
 *
 * @throws {AccessConfigurationError} for a text that can mean no repository, or that uses signs of other pattern
 * languages.
 */
export function parseRepositoryPattern(text: string): RepositoryMatcher {
  if (text.length > maxPatternLength || !patternGrammar.test(text)) {
    throw new AccessConfigurationError(
      `Cannot read the repository pattern ${JSON.stringify(text)}: ${why(text)}`,
      {
        hint: "A pattern reads 'team/app', 'library/*' (one component) or 'team/**' (everything under team/).",
      },
    )
  }
  return compilePattern((text.match(/\*\*|\*|[^*]+/g) ?? []).map(stepOf))
}

const maxPatternLength = 255

const patternGrammar = /^[a-z0-9._*-]+(?:\/[a-z0-9._*-]+)*$/

function stepOf(piece: string): PatternStep {
  if (piece === '**') return 'any-text'
  return piece === '*' ? 'no-slash' : { text: piece }
}

function why(text: string): string {
  if (text === '') return 'it is empty'
  if (text.length > maxPatternLength) return `it is longer than ${maxPatternLength} characters`
  if (/[A-Z]/.test(text)) return 'names of repositories are lower-case'
  if (/^\/|\/$|\/\//.test(text)) return 'a name has no empty component'
  return 'a name has lower-case letters, digits, "." "_" "-" "/", and * and ** are the only wildcards'
}
