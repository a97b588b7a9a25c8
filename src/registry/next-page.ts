import { UnavailableError } from '../content/index.ts'
import type { HttpResponse } from '../http/index.ts'

/**
 * The URL of the next page by an answer's `Link` header (RFC 8288), relative or absolute; undefined on the last one.
 *
 * @throws {UnavailableError} when it leads to another origin: a registry has no business sending its clients on.
 */
export function nextPage(response: HttpResponse, what: string): URL | undefined {
  const header = response.headerValues('link').join(', ')
  const target = nextTarget(header.slice(0, 16 * 1024))
  if (target === undefined) return undefined
  const url = URL.canParse(target, response.url.href) ? new URL(target, response.url) : undefined
  if (
    url !== undefined &&
    url.protocol === 'http:' &&
    response.url.protocol === 'https:' &&
    url.host === response.url.host
  ) {
    // A registry behind a proxy that ends TLS may not know that it is spoken to by https.
    url.protocol = 'https:'
  }
  if (url === undefined || url.origin !== response.url.origin) {
    throw new UnavailableError(`Cannot list the ${what}: the registry's next page is at another host`)
  }
  return url
}

function nextTarget(header: string): string | undefined {
  for (const [, target, parameters] of header.matchAll(
    /<([^<>]*)>((?:\s*;\s*[^,;="]+(?:=(?:"[^"]*"|[^,;"]*))?)*)/g,
  )) {
    const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]*))/i.exec(parameters ?? '')
    const relations = (relation?.[1] ?? relation?.[2] ?? '').toLowerCase().split(/\s+/)
    if (relations.includes('next')) return target
  }
  return undefined
}
