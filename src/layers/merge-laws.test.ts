import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LayeredImage, type LayerItem, type LayerItems } from '../../test/fixtures/layered-image.ts'

/**
 * A file system in memory that layers are extracted to one after the other, entry by entry, as a container
 * runtime does: the plain meaning that the tree, the export and the search are held against.
 */
class ExtractedFiles {
  readonly files = new Map<string, LayerItem>()
  /** Directories that had no entry. */
  readonly implied = new Set<string>()

  extract(layer: LayerItems): void {
    // Whiteouts concern lower layers only, wherever they stand in their own.
    for (const [path] of layer) {
      const { parent, name } = split(path)
      if (name === '.wh..wh..opq') this.#removeBelow(parent)
      else if (name.startsWith('.wh.'))
        this.#remove(parent === '' ? name.slice(4) : `${parent}/${name.slice(4)}`)
    }
    for (const [path, item] of layer) if (!split(path).name.startsWith('.wh.')) this.#add(path, item)
  }

  #add(path: string, item: LayerItem): void {
    const content = typeof item === 'object' && 'hardlink' in item ? this.files.get(item.hardlink) : item
    if (content === undefined) throw new Error(`no target for ${path}`)
    for (let { parent } = split(path); parent !== ''; { parent } = split(parent)) {
      if (isDirectory(this.files.get(parent))) continue
      this.files.set(parent, { directory: 0o755 })
      this.implied.add(parent)
    }
    if (!isDirectory(content)) this.#removeBelow(path)
    this.files.set(path, content)
    this.implied.delete(path)
  }

  #remove(path: string): void {
    this.#removeBelow(path)
    this.files.delete(path)
    this.implied.delete(path)
  }

  #removeBelow(path: string): void {
    for (const key of this.files.keys()) {
      if (path === '' || key.startsWith(`${path}/`)) {
        this.files.delete(key)
        this.implied.delete(key)
      }
    }
  }

  /** The content of what a path leads to, links followed inside the root; undefined when it is no file. */
  read(path: string): string | undefined {
    let current = path
    for (let links = 0; links <= 40; links++) {
      const link = prefixes(current).find((prefix) => {
        const item = this.files.get(prefix)
        return typeof item === 'object' && 'symlink' in item
      })
      const item = this.files.get(link ?? current)
      if (link === undefined) return typeof item === 'string' ? item : undefined
      const target = typeof item === 'object' && 'symlink' in item ? item.symlink : ''
      const base = target.startsWith('/') ? '' : `${split(link).parent}/`
      current = new URL(`${base}${target}${current.slice(link.length)}`, 'file:///').pathname.slice(1)
    }
    return undefined
  }
}

function isDirectory(item: LayerItem | undefined): boolean {
  return typeof item === 'object' && 'directory' in item
}

function isMarker(what: LayerItem | Marker): what is Marker {
  return typeof what === 'object' && 'marker' in what
}

function split(path: string): { parent: string; name: string } {
  const slash = path.lastIndexOf('/')
  return { parent: slash < 0 ? '' : path.slice(0, slash), name: path.slice(slash + 1) }
}

/** The path's parents from the root on, and itself. */
function prefixes(path: string): string[] {
  return path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'))
}

const names = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'))

type Marker = { readonly marker: 'whiteout' | 'opaque' }

const item: fc.Arbitrary<LayerItem | Marker> = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[x-z]{0,3}$/) },
  { weight: 3, arbitrary: fc.constantFrom(0o700, 0o755).map((directory) => ({ directory })) },
  { weight: 2, arbitrary: names.map((path) => ({ symlink: path })) },
  { weight: 1, arbitrary: names.map((path) => ({ symlink: `/${path}` })) },
  { weight: 2, arbitrary: fc.constant({ marker: 'whiteout' as const }) },
  { weight: 1, arbitrary: fc.constant({ marker: 'opaque' as const }) },
)

interface Plan {
  readonly items: readonly (readonly [string, LayerItem | Marker])[]
  readonly link: readonly [path: string, pick: number] | undefined
}

const plan: fc.Arbitrary<Plan> = fc.record({
  items: fc.uniqueArray(fc.tuple(names, item), { maxLength: 6, selector: ([path]) => path }),
  link: fc.option(fc.tuple(names, fc.nat(20)), { nil: undefined }),
})

/** Layers that mean one thing: in each, nothing stands below what is no directory, and hard links have targets. */
function layersOf(plans: readonly Plan[]): { layers: LayerItems[]; extracted: ExtractedFiles } {
  const extracted = new ExtractedFiles()
  const layers = plans.map(({ items, link }) => {
    const layer = items.flatMap(([path, what]): [string, LayerItem][] => {
      const isBelowFile = items.some(
        ([other, its]) => path.startsWith(`${other}/`) && !isMarker(its) && !isDirectory(its),
      )
      if (isBelowFile) return []
      if (!isMarker(what)) return [[path, what]]
      const { parent, name } = split(path)
      if (what.marker === 'opaque') return [[`${path}/.wh..wh..opq`, '']]
      return [[parent === '' ? `.wh.${name}` : `${parent}/.wh.${name}`, '']]
    })
    extracted.extract(layer)
    const linked = link === undefined ? undefined : hardLink(link, layer, extracted)
    if (linked === undefined) return layer
    extracted.extract([linked])
    return [...layer, linked]
  })
  return { layers, extracted }
}

function hardLink(
  [path, pick]: readonly [string, number],
  layer: LayerItems,
  extracted: ExtractedFiles,
): [string, LayerItem] | undefined {
  const targets = [...extracted.files]
    .filter(([, content]) => !isDirectory(content))
    .map(([target]) => target)
  const target = targets[pick % targets.length]
  const clashes = layer.some(
    ([other, its]) =>
      other === path || other.startsWith(`${path}/`) || (path.startsWith(`${other}/`) && !isDirectory(its)),
  )
  const isApart =
    target !== undefined && !`${target}/`.startsWith(`${path}/`) && !path.startsWith(`${target}/`)
  return clashes || !isApart ? undefined : [path, { hardlink: target }]
}

/** Sorted, directories without an entry left out, hard links with their target's content. */
function contents(files: Iterable<readonly [string, LayerItem]>, implied: ReadonlySet<string>): LayerItems {
  return [...files]
    .filter(([path]) => !implied.has(path))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
}

const images = fc.array(plan, { minLength: 1, maxLength: 4 }).map(layersOf)

describe('what layers make is what extracting them one after the other makes', () => {
  test('as a tree', async () => {
    await fc.assert(
      fc.asyncProperty(images, async ({ layers, extracted }) => {
        const tree = await (await LayeredImage.of(...layers)).tree()
        const found = [...tree.files()].map(({ path, type, mode, linkPath }): [string, unknown] => {
          if (type === 'directory') return [path, { directory: mode }]
          if (type === 'symlink') return [path, { symlink: linkPath }]
          return [path, 'file']
        })
        const expected = contents(extracted.files, new Set()).map(([path, its]): [string, unknown] => {
          const hardLinked = tree.get(path)?.type === 'hardlink'
          return [path, typeof its === 'string' || hardLinked ? 'file' : its]
        })
        expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
      }),
      { numRuns: 150 },
    )
  })

  test('as an export, which has each path once and targets before their hard links', async () => {
    await fc.assert(
      fc.asyncProperty(images, async ({ layers, extracted }) => {
        const exported = await (await LayeredImage.of(...layers)).export()
        const paths = exported.map(([path]) => path)
        expect(new Set(paths).size).toBe(paths.length)
        const again = new ExtractedFiles()
        again.extract(exported)
        expect(contents(again.files, again.implied)).toEqual(contents(extracted.files, extracted.implied))
      }),
      { numRuns: 150 },
    )
  })

  test('as a file that is found', async () => {
    await fc.assert(
      fc.asyncProperty(images, names, async ({ layers, extracted }, path) => {
        const image = await LayeredImage.of(...layers)
        const found = await image.cat(path).catch(() => undefined)
        // What is no regular file has no content.
        expect(found ?? '').toBe(extracted.read(path) ?? '')
        expect(found !== undefined || extracted.read(path) === undefined).toBe(true)
      }),
      { numRuns: 150 },
    )
  })
})
