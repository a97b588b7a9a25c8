import { FilePositions } from '../file-positions.ts'
import type { FinderInput } from '../finder.ts'
import type { EditSite, FileRange, Occurrence, OccurrenceTarget, Origin } from '../occurrence.ts'
import type { TextRange, YamlScalar } from './yaml-node.ts'

/** What is said of the image that a scalar names. */
export interface ScalarImage {
  readonly place: string
  readonly scalar: YamlScalar
  readonly target: OccurrenceTarget
  readonly origins?: readonly Origin[]
  /** What is edited; default: the scalar, which is the whole reference. */
  readonly edit?: EditSite
  readonly platform?: string | undefined
}

/** Makes occurrences of the scalars of one file. */
export class ScalarOccurrences {
  readonly #input: Pick<FinderInput, 'file' | 'isExact' | 'text'>
  readonly #positions: FilePositions

  constructor(input: Pick<FinderInput, 'file' | 'isExact' | 'text'>) {
    this.#input = input
    this.#positions = new FilePositions(input.text)
  }

  /** Path of the file, from the project's root. */
  get file(): string {
    return this.#input.file
  }

  /** The occurrence of an image. Where it names none, nothing is edited. */
  occurrence({ place, scalar, target, origins, edit, platform }: ScalarImage): Occurrence {
    const isImage = target.kind === 'image'
    return {
      file: this.#input.file,
      place,
      range: this.rangeOf(scalar),
      text: scalar.text.trim(),
      target,
      origins: origins ?? [],
      edit: isImage ? this.#held(edit ?? this.editOf(scalar)) : { kind: 'none', reason: noImage },
      ...(platform === undefined ? {} : { platform }),
    }
  }

  /** The place of a scalar without its quotes, where nothing but they surround it. */
  rangeOf(scalar: YamlScalar): FileRange {
    const { start, end } = scalar.verbatim ?? scalar
    return this.range({ start, end })
  }

  range({ start, end }: TextRange): FileRange {
    return this.#positions.range(start, end)
  }

  /** How a scalar is edited that is the whole reference, from its character `from` on. */
  editOf({ verbatim }: YamlScalar, from = 0): EditSite {
    return verbatim === undefined
      ? { kind: 'none', reason: 'it is broken by escapes or lines' }
      : this.editAt({ start: verbatim.start + from, end: verbatim.end })
  }

  /** How characters are edited that are the whole reference. */
  editAt(range: TextRange): EditSite {
    return { kind: 'reference', file: this.#input.file, range: this.range(range) }
  }

  /** Nothing is edited in a file whose text is not its bytes. */
  #held(edit: EditSite): EditSite {
    return this.#input.isExact ? edit : { kind: 'none', reason: 'the file is not UTF-8' }
  }
}

const noImage = 'it is not known which image it is'
