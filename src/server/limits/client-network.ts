import { isIPv6 } from 'node:net'

/**
 * What is counted as one client: an IPv4 address, or the /64 of an IPv6 address, of which one machine may use every one.
 * A text that is no address stands for itself.
 */
export function clientNetwork(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = withoutZone(address).split('::')
  const groups = head === '' ? [] : head.split(':')
  // What :: stands for is at least one group; only the first four are looked at.
  const behind = tail === undefined || tail === '' ? 0 : groupsOf(tail)
  const filled =
    tail === undefined
      ? groups
      : [...groups, ...Array<string>(8 - groups.length - behind).fill('0'), ...tail.split(':')]
  return `${filled
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

function withoutZone(address: string): string {
  return address.split('%')[0] ?? address
}

/** An IPv4 address at the end takes the place of two. */
function groupsOf(text: string): number {
  const groups = text.split(':')
  return groups.length + (groups.at(-1)?.includes('.') === true ? 1 : 0)
}
