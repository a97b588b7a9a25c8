/** Where a source is. */
export interface SourceUri {
  /** The URL without `.git` and without a slash at its end: `https://github.com/astral-sh/uv`. */
  readonly repository: string
  readonly ref: string | undefined
}

/**
 * Reads the URI of a source as provenance has it: `git+https://host/owner/name@refs/tags/v1` (SPDX's form), or BuildKit's
 * `https://host/owner/name.git#refs/tags/v1`. Undefined for another text, and for a URL with a user or a query in it.
 */
export function parseSourceUri(text: string): SourceUri | undefined {
  const parts = /^(?:git\+)?(?<url>https:\/\/[^\s@#?]+?)(?:\.git)?\/?(?:[@#](?<ref>[^\s@#?]+))?$/.exec(
    text,
  )?.groups
  const { url, ref } = parts ?? {}
  return url === undefined ? undefined : { repository: url, ref }
}
