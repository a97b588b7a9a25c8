import type { Binding } from '../../../dockerfile/index.ts'
import type { FilePositions } from '../../file-positions.ts'
import type { FinderInput } from '../../finder.ts'
import type { EditSite, Occurrence, Origin } from '../../occurrence.ts'
import type { NamedImage, Pin } from './named-image.ts'
import { redactUrl } from '../../../errors/index.ts'

/** The file that an image is named in. */
interface Place {
  readonly input: Pick<FinderInput, 'file' | 'isExact'>
  readonly positions: FilePositions
}

/** An image of a Dockerfile as what the whole project is asked for. */
export function toOccurrence(image: NamedImage, place: Place): Occurrence {
  const { input, positions } = place
  const { written, target, used, platform } = image
  return {
    file: input.file,
    place: image.place,
    range: positions.range(written.start, written.end),
    text: target.kind === 'unlockable' && URL.canParse(written.text) ? redactUrl(written.text) : written.text,
    target,
    origins: [...used].map((binding) => toOrigin(binding, place)),
    edit: toEdit(
      image.target.kind === 'image' ? image.pin : { kind: 'none', reason: 'it is no image' },
      place,
    ),
    ...(platform === undefined ? {} : { platform }),
  }
}

function toOrigin({ name, value, written }: Binding, { input, positions }: Place): Origin {
  return {
    name,
    value: value ?? '',
    at:
      written === undefined
        ? undefined
        : { file: input.file, range: positions.range(written.source.start, written.source.end) },
  }
}

function toEdit(pin: Pin, { input, positions }: Place): EditSite {
  if (!input.isExact) return { kind: 'none', reason: 'the file is not UTF-8' }
  switch (pin.kind) {
    case 'text':
      return { kind: 'reference', file: input.file, range: positions.range(pin.text.start, pin.text.end) }
    case 'given':
      return { kind: 'none', reason: `${pin.name} is given from outside` }
    case 'none':
      return pin
  }
}
