import { join } from 'node:path'
import type { HostTransport } from '../http/index.ts'
import { readCertificates } from './certificates.ts'
import { homeDirectory } from './credentials/config-paths.ts'
import { registriesAt } from './endpoint.ts'
import type { RegistryClientOptions } from './options.ts'

/** Makes the function that tells the transport how a host is spoken to: its settings and its certificate files. */
export function hostTransports(
  options: Pick<RegistryClientOptions, 'hosts' | 'certificateDirectories' | 'environment'>,
): (host: string) => Promise<HostTransport> {
  const { environment, hosts, certificateDirectories } = options
  const own =
    environment === undefined ? [] : [join(homeDirectory(environment), '.config', 'containers', 'certs.d')]
  const directories = certificateDirectories ?? ['/etc/docker/certs.d', '/etc/containers/certs.d', ...own]

  return async (host) => {
    const names = [host, ...registriesAt(host)]
    const settings = names.map((name) => hosts?.[name]).find((found) => found !== undefined)
    const certificates = await readCertificates(names, { directories, caFiles: settings?.caFiles ?? [] })
    return settings?.skipTlsVerify === true ? { ...certificates, skipTlsVerify: true } : certificates
  }
}
