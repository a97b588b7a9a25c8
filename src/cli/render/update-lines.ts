import type { UpdateAnswer, UpdatedImage } from '../locking/update-answer.ts'
import { count } from './count.ts'
import { imageText } from './image-text.ts'
import { shortDigest, imageNotes, signaturesText } from './locked-image-lines.ts'
import { safeText } from './safe-text.ts'
import { stopLines } from './stop-lines.ts'
import type { Style } from './style.ts'

const day = 86_400_000

/** What `lading update` found, before it is written. */
export function updateLines(
  answer: UpdateAnswer,
  { now, style }: { readonly now: Date; readonly style: Style },
): string[] {
  return [
    ...answer.updates.flatMap((update) => updatedLines(update, now, style)),
    ...answer.heldBack.map(
      ({ digest, image, publishedAt }) =>
        `${style.dim('=')} ${imageText(image)}  held back: ${shortDigest(digest)} is ${ageText(publishedAt, now)}`,
    ),
    ...answer.refused.map(
      ({ column, file, line, reason, text }) =>
        `${style.yellow('!')} ${safeText(`${file}:${line}:${column}: ${text} ${reason}`)}`,
    ),
    ...answer.stopped.flatMap((stop) => stopLines(stop, 'update', style)),
  ]
}

/** How it ended. */
export function updateEnding(
  { errors = [], file, problems, sources, stopped, updates, written }: UpdateAnswer,
  style: Style,
): string {
  if (stopped.length + errors.length + problems.length > 0) return style.red('nothing was written')
  if (!written) return updates.length === 0 ? 'everything is up to date' : 'nothing was written'
  const edited = sources.length === 0 ? '' : ` and ${count(sources.length, 'source')}`
  return `wrote ${file}${edited}`
}

function updatedLines(update: UpdatedImage, now: Date, style: Style): string[] {
  const { digest, former, image, platforms, previous, publishedAt } = update
  const name = former === image ? imageText(image) : `${imageText(former)} → ${imageText(image)}`
  const from = previous === null ? '' : `${shortDigest(previous)} → `
  return [
    `${style.yellow('~')} ${style.bold(name)}  ${from}${shortDigest(digest)}`,
    `    ${safeText([signaturesText(update), ageText(publishedAt, now), ...platforms].join(', '))}`,
    ...imageNotes(update, style),
  ]
}

function ageText(publishedAt: string | null, now: Date): string {
  if (publishedAt === null) return 'of unknown age'
  const days = Math.floor((now.getTime() - Date.parse(publishedAt)) / day)
  return days < 1 ? 'less than a day old' : `${count(days, 'day')} old`
}
