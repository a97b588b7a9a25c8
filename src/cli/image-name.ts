import type { Location } from '../images/index.ts'

/** What stands before the `@` of an image's name by digest: the familiar name without tag, or the place without its tag. */
export function imageName(location: Location): string {
  switch (location.kind) {
    case 'registry':
      return location.reference.familiarName
    case 'docker-daemon':
      return `docker-daemon:${location.name}`
    case 'oci':
    case 'oci-archive':
    case 'docker-archive':
      return `${location.kind}:${location.path}`
    default:
      return location satisfies never
  }
}
