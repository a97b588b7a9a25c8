import { dockerName } from './docker-name.ts'
import type { LayoutEntry } from './layout-index.ts'

/** The entries whose `io.containerd.image.name` is an image reference, however short the two are written. */
export function entriesOfImage(entries: readonly LayoutEntry[], name: string): readonly LayoutEntry[] {
  const wanted = dockerName(name)?.canonical ?? name
  return entries.filter(
    ({ imageName }) => imageName !== undefined && (dockerName(imageName)?.canonical ?? imageName) === wanted,
  )
}
