import { BlockList, isIP, isIPv4 } from 'node:net'

/**
 * Says whether an IP address is one that anybody on the Internet could mean: not loopback, private,
 * link-local, shared, multicast or reserved, also not when it is written as an IPv6 address that carries an
 * IPv4 one (mapped, NAT64, 6to4). What is no IP address is not public.
 *
 * The ranges are those that IANA's special-purpose registries call not globally reachable
 * (RFC 6890, https://www.iana.org/assignments/iana-ipv6-special-registry).
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(withoutZone(address))
  if (family === 0) return false
  if (family === 4) return isPublicIpv4(address)
  const bytes = ipv6Bytes(withoutZone(address))
  if (bytes === undefined) return false
  for (const { prefix, at } of embedded) {
    if (prefix.every((byte, index) => bytes[index] === byte)) {
      return isPublicAddress(bytes.slice(at, at + 4).join('.'))
    }
  }
  const { globalUnicast, nonPublic } = ipv6Networks()
  return globalUnicast.check(withoutZone(address), 'ipv6') && !nonPublic.check(withoutZone(address), 'ipv6')
}

/** Says whether an IP address leads back to this machine. */
export function isLoopbackAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return address.startsWith('127.')
  const bytes = family === 6 ? ipv6Bytes(address) : undefined
  return bytes !== undefined && bytes.every((byte, index) => byte === (index === 15 ? 1 : 0))
}

/** IPv4 networks that nobody else can mean; each address as a number of 32 bits. */
const nonPublicIpv4: readonly { readonly network: number; readonly mask: number }[] = (
  [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const
).map(([network, length]) => ({ network: ipv4Number(network), mask: -1 << (32 - length) }))

function isPublicIpv4(address: string): boolean {
  const number = ipv4Number(address)
  return !nonPublicIpv4.some(({ network, mask }) => (number & mask) === network)
}

function ipv4Number(address: string): number {
  return address.split('.').reduce((number, byte) => (number << 8) | Number(byte), 0)
}

let ipv6Lists: { readonly nonPublic: BlockList; readonly globalUnicast: BlockList } | undefined

/** Made at the first IPv6 address: Node's lists take 2 ms to load. */
function ipv6Networks(): NonNullable<typeof ipv6Lists> {
  if (ipv6Lists === undefined) {
    const nonPublic = new BlockList()
    // Inside 2000::/3, the only space that IANA has given out for global unicast.
    for (const [network, length] of [
      ['2001::', 23],
      ['2001:db8::', 32],
      ['3fff::', 20],
    ] as const) {
      nonPublic.addSubnet(network, length, 'ipv6')
    }
    const globalUnicast = new BlockList()
    globalUnicast.addSubnet('2000::', 3, 'ipv6')
    ipv6Lists = { nonPublic, globalUnicast }
  }
  return ipv6Lists
}

/** IPv6 forms that carry an IPv4 address, which is the one that is reached, and where in their 16 bytes it stands. */
const embedded: readonly { readonly prefix: readonly number[]; readonly at: number }[] = [
  // ::ffff:0:0/96, mapped
  { prefix: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], at: 12 },
  // 64:ff9b::/96, NAT64 (RFC 6052). The local-use prefix 64:ff9b:1::/48 is outside 2000::/3.
  { prefix: [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], at: 12 },
  // 2002::/16, 6to4 (RFC 3056)
  { prefix: [0x20, 0x02], at: 2 },
]

function withoutZone(address: string): string {
  const percent = address.indexOf('%')
  return percent < 0 ? address : address.slice(0, percent)
}

/** The 16 bytes of an IPv6 address; undefined when it is none. */
function ipv6Bytes(address: string): readonly number[] | undefined {
  const lastColon = address.lastIndexOf(':')
  const tail = address.slice(lastColon + 1)
  const plain = isIPv4(tail) ? `${address.slice(0, lastColon + 1)}${hexGroups(tail)}` : address
  const [before = '', after] = plain.split('::')
  const head = groups(before)
  const rest = after === undefined ? [] : groups(after)
  const missing = 8 - head.length - rest.length
  if (missing < 0 || (after === undefined && missing !== 0)) return undefined
  const zeros = Array.from({ length: missing }, () => 0)
  return [...head, ...zeros, ...rest].flatMap((group) => [group >> 8, group & 0xff])
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

function hexGroups(ipv4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number)
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}
