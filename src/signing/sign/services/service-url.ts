import { hideUser } from '../../../errors/index.ts'
import { isLoopbackAddress } from '../../../http/index.ts'

/** Why a text is not the URL of a service that a token or a signature is sent to; undefined where it is. */
export function serviceUrlProblem(text: string): string | undefined {
  const url = text.length > 2048 ? null : URL.parse(text)
  if (url === null) return `${JSON.stringify(hideUser(text.slice(0, 200)))} is not a URL`
  if (url.username !== '' || url.password !== '') return `the URL of ${url.host} holds a user or password`
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isThisMachine(url.hostname))) return undefined
  return `${url.protocol}//${url.host} is neither https nor on this machine`
}

/** A URL below a service's own, whether that one ends in a slash or not. */
export function below(base: URL, path: string): URL {
  const url = new URL(base)
  url.pathname = `${base.pathname.replace(/\/+$/, '')}${path}`
  url.search = ''
  url.hash = ''
  return url
}

function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || isLoopbackAddress(hostname.replace(/^\[(.*)\]$/, '$1'))
}
