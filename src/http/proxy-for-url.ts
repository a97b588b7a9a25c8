import { BlockList, isIP } from 'node:net'
import { isLoopbackAddress } from './public-address.ts'
import { hostNameOf, portOf } from './url-host.ts'
import { HttpConnectionError } from './errors.ts'

/** Gives the proxy to use for a URL; undefined: none. */
export type ProxyChoice = (url: URL) => URL | undefined

/**
 * Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, upper case before lower case, as Go's
 * golang.org/x/net/http/httpproxy does, which is what docker, podman and crane go by: `localhost` and
 * loopback addresses never go through a proxy; `NO_PROXY` holds names (with their subdomains), `.names` and
 * `*.names` (subdomains only), addresses, CIDR ranges, each with an optional port, or `*`. `ALL_PROXY` is
 * not read.
 *
 * @throws {HttpConnectionError} on use, when a value is not the URL of an http or https proxy.
 */
export function proxyChoice(environment: Readonly<Record<string, string | undefined>>): ProxyChoice {
  const read = (name: string): string => environment[name] || environment[name.toLowerCase()] || ''
  const https = read('HTTPS_PROXY')
  // A CGI program gets the request's own "Proxy" header as HTTP_PROXY (https://httpoxy.org).
  const http = environment['REQUEST_METHOD'] === undefined ? read('HTTP_PROXY') : ''
  if (https === '' && http === '') return () => undefined
  const direct = directHosts(read('NO_PROXY'))
  return (url) => {
    const [name, value] = url.protocol === 'https:' ? ['HTTPS_PROXY', https] : ['HTTP_PROXY', http]
    if (value === '' || direct(hostNameOf(url).toLowerCase(), portOf(url))) return undefined
    return proxyUrl(name, value)
  }
}

function proxyUrl(name: string, value: string): URL {
  const url = URL.parse(value.includes('://') ? value : `http://${value}`)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new HttpConnectionError(`Cannot use the proxy in ${name}: it is not an http or https URL`, {
    reason: 'proxy',
    hint: 'Write it as http://host:port or http://user:password@host:port.',
  })
}

type HostTest = (host: string, port: string) => boolean

function directHosts(noProxy: string): HostTest {
  const tests: HostTest[] = [(host) => host === 'localhost' || isLoopbackAddress(host)]
  for (const item of noProxy.split(',')) {
    const entry = item.trim().toLowerCase()
    if (entry !== '') tests.push(hostTest(entry))
  }
  return (host, port) => tests.some((test) => test(host, port))
}

function hostTest(entry: string): HostTest {
  if (entry === '*') return () => true
  const range = /^(.+)\/(\d{1,3})$/.exec(entry)
  if (range !== null) return rangeTest(range[1] ?? '', Number(range[2]))
  const [name, port] = splitPort(entry)
  const portFits = (actual: string): boolean => port === undefined || port === actual
  if (isIP(name) !== 0)
    return (host, actual) => isIP(host) !== 0 && sameAddress(host, name) && portFits(actual)
  const suffix = name.startsWith('*.') ? name.slice(1) : name.startsWith('.') ? name : `.${name}`
  const itself = name === suffix.slice(1)
  return (host, actual) =>
    portFits(actual) && isIP(host) === 0 && (host.endsWith(suffix) || (itself && host === name))
}

function rangeTest(network: string, length: number): HostTest {
  const family = isIP(network)
  if (family === 0 || length > (family === 4 ? 32 : 128)) return () => false
  const list = new BlockList()
  list.addSubnet(network, length, family === 4 ? 'ipv4' : 'ipv6')
  return (host) => contains(list, host)
}

function sameAddress(left: string, right: string): boolean {
  const list = new BlockList()
  list.addAddress(right, isIP(right) === 4 ? 'ipv4' : 'ipv6')
  return contains(list, left)
}

function contains(list: BlockList, host: string): boolean {
  const family = isIP(host)
  return family !== 0 && list.check(host, family === 4 ? 'ipv4' : 'ipv6')
}

/** `host:port` and `[v6]:port` in two; a bare IPv6 address has no port. */
function splitPort(entry: string): readonly [host: string, port: string | undefined] {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(entry)
  if (bracketed !== null) return [bracketed[1] ?? '', bracketed[2]]
  const parts = /^([^:]*):(\d+)$/.exec(entry)
  return parts === null ? [entry, undefined] : [parts[1] ?? '', parts[2]]
}
