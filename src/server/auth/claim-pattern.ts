import { compilePattern, type PatternStep } from './wildcard-pattern.ts'

/** Reads a pattern over the value of a claim: `*` stands for any text, everything else for itself. */
export function parseClaimPattern(text: string): (value: string) => boolean {
  return compilePattern((text.match(/\*+|[^*]+/g) ?? []).map(stepOf))
}

function stepOf(piece: string): PatternStep {
  return piece.startsWith('*') ? 'any-text' : { text: piece }
}
