import type { ListedFile } from '../listing/listed-file.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'

/** A file by its path alone; what a layer removes by the name that layers give it. */
export function fileLine({ path, type }: ListedFile, style: Style): string {
  const slash = path.lastIndexOf('/') + 1
  if (type === 'whiteout') return style.red(shownText(`/${path.slice(0, slash)}.wh.${path.slice(slash)}`))
  if (type === 'opaque') return style.red(shownText(`/${path}${path === '' ? '' : '/'}.wh..wh..opq`))
  return shownText(`/${path}`)
}

/** Lines with mode, owner, size, time and layer, their columns as wide as the widest of all files. */
export class LongFileLines {
  readonly #style: Style
  #owner = headings.owner.length
  #size = headings.size.length

  constructor(style: Style) {
    this.#style = style
  }

  /** Makes columns wide enough for a file. */
  fit(file: ListedFile): void {
    this.#owner = Math.max(this.#owner, owner(file).length)
    this.#size = Math.max(this.#size, size(file).length)
  }

  heading(): string {
    const { mode, layer, time, path } = headings
    return this.#style.dim(this.#line(mode, headings.owner, headings.size, time, layer, path))
  }

  line(file: ListedFile): string {
    const { mode, type, layer, mtime } = file
    const isRemoval = type === 'whiteout' || type === 'opaque'
    return this.#line(
      isRemoval ? type : `${letters[type]}${permissions(mode)}`,
      owner(file),
      size(file),
      isRemoval ? '-' : shownTime(mtime),
      String(layer),
      isRemoval ? this.#style.red(shownText(`/${file.path}`)) : this.#path(file),
    )
  }

  #line(mode: string, owned: string, sized: string, time: string, layer: string, path: string): string {
    return [
      mode.padEnd(10),
      owned.padEnd(this.#owner),
      sized.padStart(this.#size),
      time.padEnd(16),
      layer.padStart(headings.layer.length),
      path,
    ].join('  ')
  }

  #path({ path, type, linkPath }: ListedFile): string {
    const shown = shownText(`/${path}`)
    if (type === 'symlink') return `${this.#style.cyan(shown)} -> ${shownText(linkPath)}`
    if (type === 'hardlink') return `${shown} link to ${shownText(`/${linkPath}`)}`
    return type === 'directory' ? this.#style.bold(shown) : shown
  }
}

const headings = {
  mode: 'MODE',
  owner: 'OWNER',
  size: 'SIZE',
  time: 'MODIFIED (UTC)',
  layer: 'LAYER',
  path: 'PATH',
} as const

/** As tar lists them. */
const letters = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  hardlink: 'h',
  'character-device': 'c',
  'block-device': 'b',
  fifo: 'p',
} as const

function owner({ type, uid, gid }: ListedFile): string {
  return type === 'whiteout' || type === 'opaque' ? '-' : `${uid}:${gid}`
}

/** Bytes, or the numbers of a device. */
function size({ type, size: bytes, device }: ListedFile): string {
  if (device !== undefined) return `${device.major},${device.minor}`
  return type === 'file' ? String(bytes) : '-'
}

/** `rwxr-xr-t`, as ls writes it. */
function permissions(mode: number): string {
  const triple = (shift: number, special: number, letter: string): string => {
    const bits = mode >> shift
    const runs = (bits & 1) !== 0
    const last = (mode & special) === 0 ? (runs ? 'x' : '-') : runs ? letter : letter.toUpperCase()
    return `${(bits & 4) === 0 ? '-' : 'r'}${(bits & 2) === 0 ? '-' : 'w'}${last}`
  }
  return triple(6, 0o4000, 's') + triple(3, 0o2000, 's') + triple(0, 0o1000, 't')
}

function shownTime(seconds: number): string {
  return fileTime(seconds)?.slice(0, 16).replace('T', ' ') ?? '-'
}

/** A time of a file as ISO 8601 has it; undefined where no calendar reaches. */
export function fileTime(seconds: number): string | undefined {
  const milliseconds = Math.floor(seconds * 1000)
  return Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : undefined
}

/** Names in an image need not be UTF-8: the bytes that are not, which the archive gives as lone surrogates, are shown as escapes too. */
function shownText(text: string): string {
  return safeText(text).replace(
    /[\udc80-\udcff]/gu,
    (byte) => `\\x${(byte.charCodeAt(0) - 0xdc00).toString(16)}`,
  )
}
