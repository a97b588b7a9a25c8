import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readTar, type TarSource, writeTar } from '../archive/index.ts'
import { DamagedContentError, type Fetcher, LimitExceededError, NotFoundError } from '../content/index.ts'
import { digestOf } from '../oci/index.ts'
import { type LayerItems as Items, LayeredImage as Image } from '../../test/fixtures/layered-image.ts'
import { exportTree, findFile, measureLayer, readLayer } from './index.ts'

const aDirectory = { directory: 0o755 }
const nothing = ''

async function paths(image: Image): Promise<string[]> {
  return [...(await image.tree()).files()].map(({ path }) => path)
}

async function exportedPaths(image: Image): Promise<string[]> {
  return (await image.export()).map(([path]) => path).toSorted()
}

describe('layers make a file system', () => {
  const tables: Record<string, { layers: Items[]; paths: string[]; implied?: string[] }> = {
    'a whiteout removes a file of a lower layer': {
      layers: [
        [
          ['a', '1'],
          ['b', '2'],
        ],
        [['.wh.a', nothing]],
      ],
      paths: ['b'],
    },
    'a whiteout removes a directory with everything in it': {
      layers: [
        [
          ['d', aDirectory],
          ['d/e/f', '1'],
          ['dd', '2'],
        ],
        [['.wh.d', nothing]],
      ],
      paths: ['dd'],
    },
    'a whiteout of nothing is nothing': {
      layers: [
        [['a', '1']],
        [
          ['x/.wh.y', nothing],
          ['.wh.z', nothing],
        ],
      ],
      paths: ['a'],
    },
    'a whiteout leaves what its own layer has': {
      layers: [
        [
          ['d', { directory: 0o700 }],
          ['d/old', '1'],
        ],
        [
          ['d/new', '2'],
          ['.wh.d', nothing],
        ],
      ],
      paths: ['d', 'd/new'],
      implied: ['d'],
    },
    'an opaque marker removes what lower layers have below': {
      layers: [
        [
          ['d', aDirectory],
          ['d/old', '1'],
          ['d/sub/old', '1'],
        ],
        [
          ['d/first', '2'],
          ['d/.wh..wh..opq', nothing],
          ['d/last', '3'],
        ],
      ],
      paths: ['d', 'd/first', 'd/last'],
    },
    'an opaque root removes everything': {
      layers: [
        [
          ['a', '1'],
          ['b/c', '1'],
        ],
        [
          ['.wh..wh..opq', nothing],
          ['new', '2'],
        ],
      ],
      paths: ['new'],
    },
    'a file in place of a directory': {
      layers: [
        [
          ['d', aDirectory],
          ['d/x', '1'],
        ],
        [['d', 'file']],
      ],
      paths: ['d'],
    },
    'a directory in place of a file': {
      layers: [
        [['d', 'file']],
        [
          ['d', aDirectory],
          ['d/x', '1'],
        ],
      ],
      paths: ['d', 'd/x'],
    },
    'a directory without an entry in place of a file': {
      layers: [[['d', 'file']], [['d/x', '1']]],
      paths: ['d', 'd/x'],
      implied: ['d'],
    },
    'a file hides what was below a directory for all layers above': {
      layers: [[['d/x', '1']], [['d', 'file']], [['d/y', '2']]],
      paths: ['d', 'd/y'],
      implied: ['d'],
    },
    'names that only look like whiteouts stay': {
      layers: [
        [
          ['a.wh.b', '1'],
          ['.whx', '1'],
          ['d.wh./x', '2'],
        ],
      ],
      paths: ['.whx', 'a.wh.b', 'd.wh.', 'd.wh./x'],
      implied: ['d.wh.'],
    },
    'metadata of aufs are passed over': {
      layers: [
        [
          ['.wh..wh.aufs', '1'],
          ['.wh..wh.plnk/1.2', '1'],
          ['.wh..wh.orph', aDirectory],
          ['a', '1'],
        ],
      ],
      paths: ['a'],
    },
    'paths may begin with ./ or /, and may turn': {
      layers: [
        [
          ['./a', '1'],
          ['/b//c', '2'],
          ['x/../d', '3'],
          ['./e/', aDirectory],
        ],
      ],
      paths: ['a', 'b', 'b/c', 'd', 'e'],
      implied: ['b'],
    },
    'an entry below a link of its own layer lands where that leads': {
      layers: [
        [
          ['usr/lib', aDirectory],
          ['lib', { symlink: '/usr/./lib' }],
          ['lib/x', '1'],
          ['lib/sub/y', '1'],
        ],
      ],
      paths: ['lib', 'usr', 'usr/lib', 'usr/lib/sub', 'usr/lib/sub/y', 'usr/lib/x'],
      implied: ['usr', 'usr/lib/sub'],
    },
  }
  test.each(Object.entries(tables))('%s', async (_name, { layers, paths: expected, implied = [] }) => {
    const image = await Image.of(...layers)
    expect(await paths(image)).toEqual(expected)
    expect(await exportedPaths(image)).toEqual(expected.filter((path) => !implied.includes(path)))
  })

  test('the newest layer describes a directory, the older ones fill it', async () => {
    const image = await Image.of(
      [
        ['d', { directory: 0o700 }],
        ['d/x', '1'],
      ],
      [['d', { directory: 0o750 }]],
    )
    const tree = await image.tree()
    expect(tree.get('d')).toMatchObject({ type: 'directory', mode: 0o750, layer: 1 })
    expect(tree.get('d/x')).toMatchObject({ type: 'file', size: 1, layer: 0 })
    expect(await image.export()).toEqual([
      ['d', { directory: 0o750 }],
      ['d/x', '1'],
    ])
  })

  test('of a path that a layer has twice, the tree has the last, and the export both in their order', async () => {
    const image = await Image.of([
      ['a', 'first'],
      ['a', 'second!'],
    ])
    expect((await image.tree()).get('a')).toMatchObject({ size: 7 })
    expect(await image.export()).toEqual([
      ['a', 'first'],
      ['a', 'second!'],
    ])
  })

  const refused: Record<string, Items> = {
    'an entry that climbs out': [['../a', '1']],
    'an entry that climbs out from the root': [['/../a', '1']],
    'an entry that climbs out later': [['a/../../b', '1']],
    'a hard link that climbs out': [['a', { hardlink: '../../etc/shadow' }]],
    'a whiteout without a name': [['d/.wh.', nothing]],
    'a whiteout of the directory above': [['d/.wh...', nothing]],
    'a file at the root': [['./', 'x']],
    'an entry below links in a circle': [
      ['a', { symlink: 'b' }],
      ['b', { symlink: 'a' }],
      ['a/x', '1'],
    ],
    'an entry below a file of the same layer': [
      ['a', '1'],
      ['a/b', '2'],
    ],
    'a file over a directory that the same layer has filled': [
      ['a/b', '2'],
      ['a', '1'],
    ],
  }
  test.each(Object.entries(refused))('%s is refused', async (_name, items) => {
    const image = await Image.of(items)
    await expect(image.tree()).rejects.toThrow(DamagedContentError)
    await expect(image.tree()).rejects.toThrow(image.layers[0]?.digest)
    await expect(image.export()).rejects.toThrow(DamagedContentError)
  })
})

describe('exportTree()', () => {
  test('gives the newest layer first, each in archive order', async () => {
    const image = await Image.of(
      [
        ['z', '0'],
        ['a', '0'],
      ],
      [
        ['y', '1'],
        ['b', '1'],
      ],
    )
    expect((await image.export()).map(([path]) => path)).toEqual(['y', 'b', 'z', 'a'])
  })

  test('gives the same bytes each time', async () => {
    const image = await Image.of(
      [
        ['a', '0'],
        ['d', aDirectory],
      ],
      [['b', { symlink: 'a' }]],
    )
    const once = await buffer(exportTree(image, image.layers))
    expect((await buffer(exportTree(image, image.layers))).equals(once)).toBe(true)
  })

  const links: Record<string, { layers: Items[]; expected: Items; again?: boolean }> = {
    'after its target': {
      layers: [
        [
          ['t', 'x'],
          ['l', { hardlink: './t' }],
        ],
      ],
      expected: [
        ['t', 'x'],
        ['l', { hardlink: 't' }],
      ],
    },
    'that comes before its target': {
      layers: [
        [
          ['l', { hardlink: '/t' }],
          ['t', 'x'],
        ],
      ],
      expected: [
        ['t', 'x'],
        ['l', { hardlink: 't' }],
      ],
    },
    'to a file of a lower layer': {
      layers: [
        [['t', 'x']],
        [
          ['l', { hardlink: 't' }],
          ['m', '1'],
        ],
      ],
      expected: [
        ['m', '1'],
        ['t', 'x'],
        ['l', { hardlink: 't' }],
      ],
    },
    'to a file of a lower layer that a newer one removes': {
      layers: [
        [['t', 'x']],
        [
          ['l', { hardlink: 't' }],
          ['k', { hardlink: 't' }],
        ],
        [['.wh.t', nothing]],
      ],
      expected: [
        ['l', 'x'],
        ['k', { hardlink: 'l' }],
      ],
    },
    'to a file that a newer layer replaces': {
      layers: [
        [
          ['t', 'x'],
          ['l', { hardlink: 't' }],
          ['k', { hardlink: 'l' }],
          ['u', '1'],
        ],
        [['t', 'new']],
      ],
      expected: [
        ['t', 'new'],
        ['u', '1'],
        ['l', 'x'],
        ['k', { hardlink: 'l' }],
      ],
      again: true,
    },
    'to a link that a newer layer replaces': {
      layers: [
        [
          ['t', 'x'],
          ['l', { hardlink: 't' }],
          ['k', { hardlink: 'l' }],
        ],
        [['.wh.l', nothing]],
      ],
      expected: [
        ['t', 'x'],
        ['k', { hardlink: 't' }],
      ],
    },
    'to what a newer link replaces, over a link between': {
      layers: [[['a', 'x']], [['b', { hardlink: 'a' }]], [['a', { hardlink: 'b' }]]],
      expected: [
        ['b', 'x'],
        ['a', { hardlink: 'b' }],
      ],
    },
    'to a symbolic link that a newer layer removes': {
      layers: [
        [
          ['t', { symlink: 'there' }],
          ['l', { hardlink: 't' }],
        ],
        [['.wh.t', nothing]],
      ],
      expected: [['l', { symlink: 'there' }]],
      again: true,
    },
    'that a newer layer removes': {
      layers: [
        [
          ['t', 'x'],
          ['l', { hardlink: 't' }],
        ],
        [['.wh.l', nothing]],
      ],
      expected: [['t', 'x']],
    },
  }
  test.each(Object.entries(links))('writes a hard link %s', async (_name, { layers, expected, again }) => {
    const image = await Image.of(...layers)
    expect(await image.export()).toEqual(expected)
    expect(image.opened[0]).toBe(again === true ? 2 : 1)
  })

  const dangling: Record<string, Items[]> = {
    'to nothing': [[['l', { hardlink: 't' }]]],
    'to what a layer between removes': [[['t', 'x']], [['.wh.t', nothing]], [['l', { hardlink: 't' }]]],
    'to itself': [[['l', { hardlink: 'l' }]]],
    'to a directory': [
      [
        ['d', aDirectory],
        ['l', { hardlink: 'd' }],
      ],
    ],
    'in a circle': [
      [
        ['a', { hardlink: 'b' }],
        ['b', { hardlink: 'a' }],
      ],
    ],
  }
  test('gives hard links the mode, owner and time of their file, which extraction sets anew', async () => {
    const metadata = { mode: 0o4755, uid: 7, gid: 8, mtime: 9 }
    const file: TarSource = {
      header: { path: 'bin/t', type: 'file', size: 1, ...metadata },
      body: Buffer.from('x'),
    }
    const link = (path: string): TarSource => ({
      header: { path, type: 'hardlink', linkPath: 'bin/t', ...metadata },
    })
    for (const layers of [
      [[file, link('bin/l')]],
      [[link('bin/l'), file]],
      [[file], [link('bin/l'), link('bin/k')]],
    ]) {
      const image = new Image(await Promise.all(layers.map((sources) => buffer(writeTar(sources)))))
      const found: object[] = []
      let linkCount = 0
      for await (const { type, mode, uid, gid, mtime } of readTar(exportTree(image, image.layers))) {
        found.push({ mode, uid, gid, mtime })
        if (type === 'hardlink') linkCount++
      }
      expect(linkCount).toBeGreaterThan(0)
      expect(found).toEqual(found.map(() => metadata))
    }
  })

  test.each(Object.entries(dangling))('refuses a hard link %s', async (_name, layers) => {
    await expect((await Image.of(...layers)).export()).rejects.toThrow(DamagedContentError)
  })

  test('passes large files on, with what follows them', async () => {
    const large = 'large '.repeat(100_000)
    const image = await Image.of([
      ['a', large],
      ['b', 'small'],
      ['c', large],
    ])
    expect(await image.export()).toEqual([
      ['a', large],
      ['b', 'small'],
      ['c', large],
    ])
  })

  test('ends in an error when a layer has other bytes than its digest says', async () => {
    const image = await Image.of([['a', '1']])
    const [layer] = image.layers
    if (layer === undefined) throw new Error('no layer')
    const wrong = { ...layer, digest: digestOf(Buffer.from('other')) }
    const source: Fetcher = { fetch: () => image.fetch(layer) }
    await expect(buffer(exportTree(source, [wrong]))).rejects.toThrow(DamagedContentError)
  })

  test('ends the transfer when it is closed, or its signal says so', async () => {
    const stalled: Readable[] = []
    const source: Fetcher = {
      fetch: async () => {
        const stream = new Readable({ read: () => undefined })
        stalled.push(stream)
        return stream
      },
    }
    const { layers } = await Image.of([['a', '1']])
    const closed = exportTree(source, layers)
    closed.resume()
    await new Promise(setImmediate)
    closed.destroy()
    const stop = new AbortController()
    const reading = buffer(exportTree(source, layers, { signal: stop.signal }))
    await new Promise(setImmediate)
    const reason = new Error('enough')
    stop.abort(reason)
    await expect(reading).rejects.toBe(reason)
    await new Promise(setImmediate)
    expect(stalled.map((stream) => stream.destroyed)).toEqual([true, true])
  })
})

describe('findFile()', () => {
  test('stops at the newest layer that has the file, and ends the transfer', async () => {
    const image = await Image.of(
      [['a', 'old']],
      [
        ['a', 'new'],
        ['big', noise()],
      ],
    )
    expect(await image.cat('/a')).toBe('new')
    expect(image.opened).toEqual([0, 1])
    expect(image.streams.every((stream) => stream.destroyed)).toBe(true)
  })

  test('says where it found the file', async () => {
    const image = await Image.of(
      [
        ['usr/bin/x', 'x'],
        ['bin', { symlink: 'usr/bin' }],
      ],
      [['other', '']],
    )
    const found = await findFile(image, image.layers, '/bin/./y/../x')
    expect(found).toMatchObject({ path: 'usr/bin/x', layer: 0, header: { type: 'file', size: 1 } })
    found.stream.destroy()
  })

  const found: Record<string, { layers: Items[]; path: string; content: string; opened: number[] }> = {
    'through a link to what follows in the same layer, in one pass': {
      layers: [
        [
          ['etc/os', { symlink: '../usr/os' }],
          ['usr/os', 'x'],
        ],
        [['z', '']],
      ],
      path: 'etc/os',
      content: 'x',
      opened: [1, 1],
    },
    'through a link to what has passed, by a second reading': {
      layers: [
        [
          ['usr/os', 'x'],
          ['zos', { symlink: '/usr/os' }],
        ],
        [['z', '']],
      ],
      path: 'zos',
      content: 'x',
      opened: [2, 1],
    },
    'through a link to a newer layer, by a second reading': {
      layers: [[['l', { symlink: 'f' }]], [['f', 'new']]],
      path: 'l',
      content: 'new',
      opened: [1, 2],
    },
    'through links between directories': {
      layers: [
        [
          ['a', { symlink: 'b/c' }],
          ['b/c', { symlink: '../d' }],
          ['d/e/f', 'x'],
        ],
      ],
      path: 'a/e/f',
      content: 'x',
      opened: [1],
    },
    'through a link that wants to leave the root': {
      layers: [
        [
          ['l', { symlink: '../../../etc/passwd' }],
          ['etc/passwd', 'inside'],
        ],
      ],
      path: 'l',
      content: 'inside',
      opened: [1],
    },
    'through a link that a newer layer has in place of a directory': {
      layers: [
        [
          ['d/f', 'old'],
          ['e/f', 'x'],
        ],
        [['d', { symlink: 'e' }]],
      ],
      path: 'd/f',
      content: 'x',
      opened: [1, 1],
    },
    'through a hard link': {
      layers: [
        [
          ['t', 'x'],
          ['l', { hardlink: 't' }],
        ],
      ],
      path: 'l',
      content: 'x',
      opened: [2],
    },
    'through a hard link to what a newer layer replaces': {
      layers: [
        [
          ['t', 'old'],
          ['l', { hardlink: 't' }],
        ],
        [['t', 'new']],
      ],
      path: 'l',
      content: 'old',
      opened: [2, 1],
    },
    'through a hard link to a symbolic link, relative to the hard link': {
      layers: [
        [
          ['d/t', { symlink: 'f' }],
          ['d/f', 'wrong'],
          ['f', 'x'],
          ['l', { hardlink: 'd/t' }],
        ],
      ],
      path: 'l',
      content: 'x',
      opened: [2],
    },
    'through a hard link to a lower layer': {
      layers: [[['t', 'x']], [['l', { hardlink: 't' }]]],
      path: 'l',
      content: 'x',
      opened: [1, 1],
    },
    'that a newer layer has brought back': {
      layers: [[['d/f', 'old']], [['.wh.d', nothing]], [['d/f', 'new']]],
      path: 'd/f',
      content: 'new',
      opened: [0, 0, 1],
    },
    'beside a whiteout of its directory in the same layer': {
      layers: [
        [['d/f', 'old']],
        [
          ['.wh.d', nothing],
          ['d/f', 'new'],
        ],
      ],
      path: 'd/f',
      content: 'new',
      opened: [0, 1],
    },
  }
  test.each(Object.entries(found))('finds a file %s', async (_name, { layers, path, content, opened }) => {
    const image = await Image.of(...layers)
    expect(await image.cat(path)).toBe(content)
    expect(image.opened).toEqual(opened)
  })

  const absent: Record<string, { layers: Items[]; path: string; opened?: number[] }> = {
    'that is not there': { layers: [[['a', '1']]], path: 'b' },
    'that was removed, without reading on': {
      layers: [[['a', '1']], [['.wh.a', nothing]]],
      path: 'a',
      opened: [0, 1],
    },
    'whose directory was made opaque': {
      layers: [[['d/a', '1']], [['d/.wh..wh..opq', nothing]]],
      path: 'd/a',
      opened: [0, 1],
    },
    'below a file': { layers: [[['d/a', '1']], [['d', 'file']]], path: 'd/a', opened: [0, 1] },
    'below what a newer layer made a directory': {
      layers: [
        [
          ['e/a', '1'],
          ['d', { symlink: 'e' }],
        ],
        [['d/b', '2']],
      ],
      path: 'd/a',
    },
    'behind links in a circle': {
      layers: [
        [
          ['a', { symlink: 'b' }],
          ['b', { symlink: 'a' }],
        ],
      ],
      path: 'a',
    },
    'behind a hard link to itself': { layers: [[['a', { hardlink: 'a' }]]], path: 'a' },
  }
  test.each(Object.entries(absent))('does not find a file %s', async (_name, { layers, path, opened }) => {
    const image = await Image.of(...layers)
    await expect(image.cat(path)).rejects.toThrow(NotFoundError)
    expect(image.opened).toEqual(opened ?? image.opened.map(() => 1))
  })

  test('gives what is no regular file without content', async () => {
    const image = await Image.of([
      ['d/x', ''],
      ['pipe', { fifo: true }],
    ])
    expect((await findFile(image, image.layers, 'd')).header.type).toBe('directory')
    expect((await findFile(image, image.layers, '/')).header.type).toBe('directory')
    const pipe = await findFile(image, image.layers, 'pipe')
    expect(pipe.header.type).toBe('fifo')
    expect(await buffer(pipe.stream)).toHaveLength(0)
  })

  test('takes the first of two by default, and refuses the layer with `verify`', async () => {
    const image = await Image.of([
      ['a', 'first'],
      ['a', 'second'],
    ])
    expect(await image.cat('a')).toBe('first')
    await expect(image.cat('a', { verify: true })).rejects.toThrow(DamagedContentError)
  })

  test('judges the digest of the layer with `verify` only', async () => {
    const image = await Image.of([
      ['a', 'text'],
      ['b', noise()],
    ])
    const [layer] = image.layers
    if (layer === undefined) throw new Error('no layer')
    const wrong = [{ ...layer, digest: digestOf(Buffer.from('other')) }]
    const source: Fetcher = { fetch: () => image.fetch(layer) }
    const text = async (verify: boolean): Promise<string> =>
      (await buffer((await findFile(source, wrong, 'a', { verify })).stream)).toString()
    await expect(text(true)).rejects.toThrow(DamagedContentError)
    expect(await text(false)).toBe('text')
  })

  test('ends the transfer when the stream is destroyed unread', async () => {
    const image = await Image.of([['a', noise(2_000_000)]])
    const { stream } = await findFile(image, image.layers, 'a')
    const closed = new Promise((resolve) => image.streams[0]?.once('close', resolve))
    stream.destroy()
    await closed
    expect(image.streams[0]?.readableEnded).toBe(false)
  })

  test('ends with the signal’s reason', async () => {
    const stop = new AbortController()
    const source: Fetcher = { fetch: async () => new Readable({ read: () => undefined }) }
    const { layers } = await Image.of([['a', '1']])
    const finding = findFile(source, layers, 'a', { signal: stop.signal })
    const reason = new Error('enough')
    setImmediate(() => stop.abort(reason))
    await expect(finding).rejects.toBe(reason)
  })
})

describe('MergedTree', () => {
  test('lists by name, a directory before what is in it', async () => {
    const image = await Image.of([
      ['b/x', ''],
      ['b-c', ''],
      ['a', ''],
      ['b/a/z', ''],
    ])
    expect(await paths(image)).toEqual(['a', 'b', 'b/a', 'b/a/z', 'b/x', 'b-c'])
    expect([...(await image.tree()).files('b')].map(({ path }) => path)).toEqual(['b/a', 'b/a/z', 'b/x'])
  })

  test('follows links inside the root', async () => {
    const image = await Image.of([
      ['a', { symlink: '../../b' }],
      ['b/c', { symlink: '/d' }],
      ['d', 'x'],
      ['o', { symlink: 'o' }],
    ])
    const tree = await image.tree()
    expect(tree.resolve('/a/c')?.path).toBe('d')
    expect(tree.resolve('o')).toBeUndefined()
    expect(tree.get('a/c')).toBeUndefined()
  })
})

describe('readLayer()', () => {
  test('names the layer when its archive is damaged or passes a limit', async () => {
    const image = new Image([gzipSync(Buffer.alloc(512, 1))])
    const [layer] = image.layers
    if (layer === undefined) throw new Error('no layer')
    await expect(readAll(readLayer(image, layer))).rejects.toThrow(DamagedContentError)
    await expect(readAll(readLayer(image, layer))).rejects.toThrow(
      `Cannot read layer ${layer.digest}: the header has a wrong checksum`,
    )
    await expect(readAll(readLayer(image, layer, { limits: { size: 100 } }))).rejects.toThrow(
      LimitExceededError,
    )
  })
})

describe('paths that go down and down', () => {
  test.each(['tree', 'export', 'cat'] as const)('are refused (%s)', async (read) => {
    const path = `${'d/'.repeat(2048)}f`
    const image = await Image.of([[path, 'x']])
    const reading = read === 'cat' ? image.cat(path) : image[read]()
    await expect(reading).rejects.toThrow(LimitExceededError)
  })

  test('are read as far as they can be made', async () => {
    const path = `${'d/'.repeat(2047)}f`
    const image = await Image.of([[path, 'x']])
    expect((await paths(image)).at(-1)).toBe(path)
    expect(await image.cat(path)).toBe('x')
  })

  test.each(['tree', 'export', 'cat'] as const)(
    'are refused when they are many (%s)',
    async (read) => {
      const image = await Image.of(
        Array.from({ length: 2100 }, (_, number) => [`${number}/${'d/'.repeat(240)}f`, '']),
      )
      const reading = read === 'cat' ? image.cat('f') : image[read]()
      await expect(reading).rejects.toThrow('have no entry of their own')
    },
    30_000,
  )
})

describe('measureLayer()', () => {
  test('says how large the archive is', async () => {
    const image = await Image.of([['a', 'x'.repeat(5000)]])
    const [layer] = image.layers
    if (layer === undefined) throw new Error('no layer')
    expect(await measureLayer(image, layer)).toEqual({
      compression: 'gzip',
      compressed: layer.size,
      unpacked: 512 + 5120 + 1024,
    })
  })
})

/** Text that does not compress to nothing. */
function noise(bytes = 400_000): string {
  return randomBytes(bytes).toString('hex')
}

async function readAll(items: AsyncIterable<unknown>): Promise<void> {
  for await (const item of items) void item
}
