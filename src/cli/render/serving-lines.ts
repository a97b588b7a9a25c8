import type { RegistryServer, ServerOptions } from '../../server/index.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'

/** What of the output decides how much is said. */
export interface ServingLinesOptions {
  readonly errorStyle: Style
  /** Whether somebody looks at a terminal. */
  readonly hasLiveProgress: boolean
}

/** What a server says when it listens: where, where its data is, who may do what, and what to try first. */
export function servingLines(
  { url, host, reach, isOpen }: RegistryServer,
  { dataDirectory }: Pick<ServerOptions, 'dataDirectory'>,
  { errorStyle: style, hasLiveProgress }: ServingLinesOptions,
): readonly string[] {
  const access = isOpen
    ? `open: ${reach === 'machine' ? 'everybody on this machine' : 'everybody who can reach it'} may pull, push and delete`
    : 'by the users and rules that were given'
  const data = safeText(dataDirectory)
  if (!hasLiveProgress) return [`serving a registry on ${url}, data in ${data}, ${access}`]
  return [
    `${style.bold('registry')}  ${style.cyan(url)}`,
    `${style.dim('data    ')}  ${data}`,
    `${style.dim('access  ')}  ${isOpen && reach === 'network' ? style.yellow(access) : access}`,
    `${style.dim('try     ')}  lading copy alpine:3.22 ${host}/alpine:3.22`,
    `${style.dim('stop    ')}  Ctrl-C`,
    '',
  ]
}
