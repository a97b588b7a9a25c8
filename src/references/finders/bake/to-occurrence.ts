import { redactUrl } from '../../../errors/index.ts'
import type { EditSite, Occurrence } from '../../occurrence.ts'
import type { BakeFile } from './bake-file.ts'
import type { BakeImage } from './bake-image.ts'
import type { Extent } from './hcl.ts'

/** An image of a Bake file as what the whole project is asked for. */
export function toOccurrence(image: BakeImage, usedElsewhere: ReadonlySet<string>): Occurrence {
  const { setting, target, uses, place } = image
  const { file, positions, text } = setting.file
  const { start, end } = image.written ?? withoutQuotes(setting.file, setting.expression)
  const written = text.slice(start, end)
  return {
    file,
    place,
    range: positions.range(start, end),
    text: target.kind === 'unlockable' && URL.canParse(written) ? redactUrl(written) : written,
    target,
    origins: uses.map(({ name, value, at }) => ({
      name,
      value,
      at: { file: at.file.file, range: at.file.positions.range(at.start, at.end) },
    })),
    edit: target.kind === 'image' ? editOf(image, usedElsewhere) : cannot('it is no image'),
  }
}

function editOf({ pieces, uses }: BakeImage, usedElsewhere: ReadonlySet<string>): EditSite {
  const [piece, ...more] = pieces
  if (piece?.at === undefined || more.length > 0) {
    const names = [...new Set(uses.map(({ name }) => name))].slice(0, 5).join(', ')
    return cannot(names === '' ? 'it is put together' : `it is put together with ${names}`)
  }
  const shared = piece.through.find(({ name }) => usedElsewhere.has(name))
  if (shared !== undefined) return cannot(`${shared.name} stands for more than the image`)
  const { file, positions, isExact } = piece.at.file
  if (!isExact) return cannot('the file is not UTF-8')
  return { kind: 'reference', file, range: positions.range(piece.at.start, piece.at.end) }
}

function cannot(reason: string): EditSite {
  return { kind: 'none', reason }
}

/** A value without the quotes around it. */
function withoutQuotes({ text }: BakeFile, { start, end }: Extent): Extent {
  const isQuoted = text[start] === '"' && text[end - 1] === '"' && end - start > 1
  return isQuoted ? { start: start + 1, end: end - 1 } : { start, end }
}
