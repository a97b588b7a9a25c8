import { randomBytes } from 'node:crypto'

/** What a proxy's own id may look like; anything else could be made to read as something it is not. */
const wellFormed = /^[A-Za-z0-9._:-]{1,64}$/

/**
 * Gives ids to requests: unlike in every process, in their order within one.
 *
 * @param trusted whether the id that a request brings is kept: it is the proxy's in front.
 */
export function requestIds(trusted: boolean): (brought: string | readonly string[] | undefined) => string {
  const start = randomBytes(6).toString('base64url')
  let count = 0
  return (brought) => {
    if (trusted && typeof brought === 'string' && wellFormed.test(brought)) return brought
    count += 1
    return `${start}-${count.toString(36)}`
  }
}
