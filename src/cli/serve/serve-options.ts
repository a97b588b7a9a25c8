import { resolve } from 'node:path'
import { UsageError } from '../../errors/index.ts'
import { parseListenAddress, type ServerOptions } from '../../server/index.ts'
import { defaultDataDirectory } from '../default-data-directory.ts'
import type { RegistryFile } from '../registry-file/registry-file.ts'
import { serverOptionsOf } from '../registry-file/server-options-of.ts'
import { refuseIdleAccess } from './refuse-idle-access.ts'
import type { ServeFlags } from './serve-flags.ts'

/**
 * What the server is told: the file's word, and before it the flags'.
 *
 * @throws {UsageError} flags that make no sense together.
 */
export function serveOptions(
  flags: ServeFlags,
  file: RegistryFile,
  environment: Readonly<Record<string, string | undefined>>,
): ServerOptions {
  const said = serverOptionsOf(file)
  const { tlsCert, tlsKey, htpasswd, listen } = flags
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new UsageError('Cannot serve: --tls-cert and --tls-key go together', {
      hint: 'lading serve --tls-cert tls.crt --tls-key tls.key',
    })
  }
  const access = htpasswd === undefined ? said.access : { ...said.access, htpasswdFile: htpasswd }
  refuseIdleAccess(access)
  return {
    ...said,
    dataDirectory: resolve(flags.data ?? file.data ?? defaultDataDirectory(environment)),
    listen: listen === undefined ? said.listen : parseListenAddress(listen),
    tls:
      tlsCert === undefined || tlsKey === undefined
        ? said.tls
        : { certificateFile: tlsCert, keyFile: tlsKey },
    externalUrl: flags.externalUrl ?? said.externalUrl,
    behindTlsProxy: flags.behindTlsProxy ?? said.behindTlsProxy,
    insecure: flags.insecure ?? said.insecure,
    access,
  }
}
