/** A `Content-Type` without its parameters, lower case; undefined where there is none. */
export function bareMediaType(contentType: string | undefined): string | undefined {
  const bare = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  return bare === '' ? undefined : bare
}
