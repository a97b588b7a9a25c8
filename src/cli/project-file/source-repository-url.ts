import { parseSourceUri } from '../../signing/index.ts'
import { githubRepository } from '../verification/github-names.ts'

/** The URL of a source that is named `OWNER/NAME`, as at GitHub, or by an https URL; undefined for another text. */
export function sourceRepositoryUrl(text: string): string | undefined {
  if (githubRepository.test(text)) return `https://github.com/${text}`
  const source = parseSourceUri(text)
  return source?.ref === undefined ? source?.repository : undefined
}
