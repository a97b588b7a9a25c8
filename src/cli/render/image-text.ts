import { parseReference } from '../../oci/index.ts'
import { safeText } from './safe-text.ts'

/** An image as people write it: `python:3.12` for `docker.io/library/python:3.12`, a digest cut to its beginning. */
export function imageText(key: string): string {
  return safeText(parseReference(key).familiar.replace(/(@sha(?:256|512):[0-9a-f]{12})[0-9a-f]+$/, '$1'))
}
