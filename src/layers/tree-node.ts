import type { TarEntryType, TarHeader } from '../archive/index.ts'

/** A file of the merged tree; there is one for each, so it is kept small. */
export class TreeNode {
  readonly name: string
  type: TarEntryType = 'directory'
  mode = 0o755
  uid = 0
  gid = 0
  size = 0
  mtime = 0
  linkPath = ''
  /** Only of device files, which are few. */
  device: { readonly major: number; readonly minor: number } | undefined
  /** The layer that described it last, 0 the lowest. */
  layer: number
  children: Map<string, TreeNode> | undefined

  private constructor(name: string, layer: number) {
    this.name = name
    this.layer = layer
  }

  /** A directory that has no entry of its own. */
  static implied(name: string, layer: number): TreeNode {
    return new TreeNode(name, layer)
  }

  get isDirectory(): boolean {
    return this.type === 'directory'
  }

  describe(header: TarHeader, hardLinkTo: string, layer: number): void {
    this.type = header.type
    this.mode = header.mode
    this.uid = header.uid
    this.gid = header.gid
    this.size = header.size
    this.mtime = header.mtime
    this.linkPath = header.type === 'hardlink' ? hardLinkTo : header.linkPath
    this.device =
      header.type === 'character-device' || header.type === 'block-device'
        ? { major: header.deviceMajor, minor: header.deviceMinor }
        : undefined
    this.layer = layer
  }

  add(child: TreeNode): void {
    this.children ??= new Map()
    this.children.set(child.name, child)
  }

  /** Whether something below was put there by `layer`. */
  hasBelow(layer: number): boolean {
    for (const child of this.children?.values() ?? []) {
      if (child.layer === layer || child.hasBelow(layer)) return true
    }
    return false
  }

  /** Removes everything below that layers under `layer` put there. */
  removeBelow(layer: number): void {
    for (const name of this.children?.keys() ?? []) this.removeChild(name, layer)
  }

  /** Removes a child as far as layers under `layer` put it there: a directory stays for what `layer` has in it. */
  removeChild(name: string, layer: number): void {
    const child = this.children?.get(name)
    if (child === undefined) return
    child.removeBelow(layer)
    if (child.layer >= layer) return
    const left = child.children
    this.children?.delete(name)
    if (left === undefined || left.size === 0) return
    const directory = TreeNode.implied(name, layer)
    directory.children = left
    this.add(directory)
  }
}
