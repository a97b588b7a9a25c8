import type { LockAnswer, LockedImageAnswer, OccurrenceAnswer } from '../locking/lock-answer.ts'
import { count } from './count.ts'
import { imageText } from './image-text.ts'
import { shortDigest, imageNotes, signaturesText } from './locked-image-lines.ts'
import { safeText } from './safe-text.ts'
import { stopLines } from './stop-lines.ts'
import type { Style } from './style.ts'

/** The answer of `lading lock` for people. */
export function lockLines(
  answer: LockAnswer,
  { isCheck, style }: { readonly style: Style; readonly isCheck: boolean },
): string[] {
  const changed = answer.images.filter(({ change }) => change !== 'kept')
  return [
    ...changed.flatMap((image) => imageLines(image, style)),
    ...answer.images.filter(({ change }) => change === 'kept').flatMap((image) => imageNotes(image, style)),
    ...answer.dropped.map((image) => `${style.red('-')} ${imageText(image)}  no longer used`),
    ...answer.unresolved.map((one) => occurrenceLine('not resolved', one, style)),
    ...answer.unlockable.map((one) => occurrenceLine('cannot be locked', one, style)),
    ...answer.stopped.flatMap((stop) => stopLines(stop, 'lock', style)),
    summary(answer),
    ending(answer, isCheck, style),
  ]
}

function imageLines(image: LockedImageAnswer, style: Style): string[] {
  const { change, digest, previous } = image
  const sign = change === 'added' ? style.green('+') : style.yellow('~')
  const from = previous === null || change !== 'moved' ? '' : `${shortDigest(previous)} → `
  return [
    `${sign} ${style.bold(imageText(image.image))}  ${from}${shortDigest(digest)}  ${signaturesText(image)}`,
    ...imageNotes(image, style),
  ]
}

function occurrenceLine(
  what: string,
  { column, file, line, reason, text }: OccurrenceAnswer,
  style: Style,
): string {
  return `${style.yellow('!')} ${safeText(file)}:${line}:${column}: ${safeText(text)}  ${what}: ${safeText(reason)}`
}

function summary({ images, unlockable, unresolved }: LockAnswer): string {
  const files = new Set(images.flatMap(({ usedBy }) => usedBy.map((place) => place.replace(/#.*$/s, ''))))
  const having = (status: string): number => images.filter(({ signatures }) => signatures === status).length
  const parts = [
    [having('verified'), 'verified'],
    [having('none-found'), 'unsigned'],
    [having('not-asked'), 'not asked'],
    [unresolved.length, 'not resolved'],
    [unlockable.length, 'not lockable'],
  ] as const
  const said = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`)
  return `${count(images.length, 'image')} in ${count(files.size, 'file')}${said.length === 0 ? '' : `: ${said.join(', ')}`}`
}

function ending(
  { errors = [], file, images, problems, stopped, upToDate, written }: LockAnswer,
  isCheck: boolean,
  style: Style,
): string {
  if (written) return `wrote ${file}`
  if (stopped.length + errors.length + problems.length > 0) return style.red('nothing was written')
  if (upToDate) return images.length === 0 ? 'there is nothing to lock' : `${file} is up to date`
  return style.red(`${file} is not up to date${isCheck ? '; to bring it up to date: lading lock' : ''}`)
}
