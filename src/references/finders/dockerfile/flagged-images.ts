import { type Instruction, mountsOf, type SourceText } from '../../../dockerfile/index.ts'

/** An image that a flag names. The place ends with a colon, to which the image's name is added. */
interface FlaggedImage {
  readonly place: string
  readonly image: SourceText
}

/** The kinds of mount that come from somewhere; `bind` is meant where none is said. */
const mountsWithSource: ReadonlySet<string> = new Set(['bind', 'cache'])

/** What `COPY --from=`, `ADD --from=` and `RUN --mount=from=` name, also behind `ONBUILD`: stages and images. */
export function flaggedImages(instruction: Instruction, prefix = ''): readonly FlaggedImage[] {
  const { name, flags, trigger } = instruction
  if (name === 'ONBUILD') return trigger === undefined ? [] : flaggedImages(trigger, 'ONBUILD ')
  const place = `${prefix}${name}:`
  if (name === 'COPY' || name === 'ADD') {
    return flags.flatMap(({ name: flag, value }) =>
      flag === 'from' && value !== undefined ? [{ place, image: value }] : [],
    )
  }
  if (name !== 'RUN') return []
  return mountsOf(instruction).flatMap((mount) => {
    const image = mount.get('from')
    const type = mount.get('type')?.text.toLowerCase() ?? 'bind'
    return image !== undefined && mountsWithSource.has(type) ? [{ place, image }] : []
  })
}
