import { lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { redactUrl } from '../errors/index.ts'
import { HttpRefusedError } from './errors.ts'
import { isPublicAddress } from './public-address.ts'
import { hostNameOf } from './url-host.ts'

/** Decides which requests may only connect to public addresses. */
export interface AddressGuard {
  /**
   * Says whether a request to `url` on behalf of `owner` must be guarded: the two differ in origin, and
   * the owner is at a public address (or cannot be looked up: then it is taken for public).
   *
   * @throws {HttpRefusedError} when it must be and `url` names a non-public address itself, or the step
   * leads from https to http.
   */
  guards(url: URL, owner: URL): Promise<boolean>
  /**
   * Takes note of the address that a host was connected to: a name that was at a public address once stays guarded,
   * whatever its name server answers later.
   */
  connectedTo(hostname: string, address: string | undefined): void
  /** Looks names up and refuses those that lead to an address that is not public. */
  readonly guardedLookup: LookupFunction
  /** Looks names up. */
  readonly lookup: LookupFunction
}

/** Node's look-up, loaded at the first name: an address needs none. */
const lookUpName: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, options, callback)
}

/** Makes an {@link AddressGuard}; each owner's name is looked up once. */
export function createAddressGuard(lookup: LookupFunction = lookUpName): AddressGuard {
  const ownerIsPublic = new Map<string, Promise<boolean>>()

  return {
    lookup,

    connectedTo(hostname, address) {
      if (address !== undefined && isPublicAddress(address))
        ownerIsPublic.set(hostname, Promise.resolve(true))
    },

    guardedLookup(hostname, options, callback) {
      lookup(hostname, { ...options, all: true }, (error, found, family) => {
        if (error) return callback(error, '', 0)
        const addresses = typeof found === 'string' ? [{ address: found, family: family ?? 0 }] : found
        const [first] = addresses
        const refused = addresses.find(({ address }) => !isPublicAddress(address))
        if (refused !== undefined) return callback(refusedAddress(hostname, refused.address), '', 0)
        if (options.all === true) return callback(null, addresses)
        callback(null, first?.address ?? '', first?.family ?? 0)
      })
    },

    async guards(url, owner) {
      if (url.origin === owner.origin) return false
      if (owner.protocol === 'https:' && url.protocol !== 'https:') throw refusedDowngrade(url, owner)
      const name = hostNameOf(owner)
      let isPublic = ownerIsPublic.get(name)
      if (isPublic === undefined) {
        isPublic = leadsToPublicAddress(name, lookup)
        ownerIsPublic.set(name, isPublic)
      }
      if (!(await isPublic)) return false
      const target = hostNameOf(url)
      if (isIP(target) !== 0 && !isPublicAddress(target)) throw refusedAddress(target, target)
      return true
    },
  }
}

async function leadsToPublicAddress(hostname: string, lookup: LookupFunction): Promise<boolean> {
  if (isIP(hostname) !== 0) return isPublicAddress(hostname)
  const { promise, resolve } = Promise.withResolvers<boolean>()
  lookup(hostname, { all: true }, (error, found) => {
    if (error) return resolve(true)
    const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address)
    resolve(addresses.some(isPublicAddress))
  })
  return promise
}

function refusedAddress(hostname: string, address: string): HttpRefusedError {
  const where = hostname === address ? address : `${hostname} (${address})`
  return new HttpRefusedError(
    `Cannot connect to ${where}: a public registry sent the request there, and the address is not public`,
    { hint: 'A registry must not make its clients call into their own network. Ask who runs it.' },
  )
}

function refusedDowngrade(url: URL, owner: URL): HttpRefusedError {
  return new HttpRefusedError(
    `Cannot go on to ${redactUrl(url)}: ${owner.host} is spoken to by https, and that would not be`,
    { hint: 'Ask who runs the registry to name an https address.' },
  )
}
