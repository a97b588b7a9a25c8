/** The host of a URL as it is looked up and connected to: an IPv6 address without its brackets. */
export function hostNameOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
}

/** The port that a URL leads to, its scheme's own when it names none. */
export function portOf(url: URL): string {
  return url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
}
