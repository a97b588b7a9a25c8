/**
 * The text with A to Z in lower case and nothing else changed: GitHub's names are ASCII, and the Kelvin sign, which Unicode
 * lower-cases to `k`, is none of them.
 */
export function asciiLowerCase(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}
