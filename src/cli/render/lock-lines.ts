import { parseReference } from '../../oci/index.ts'
import type { LockAnswer, LockedImageAnswer, OccurrenceAnswer, StopAnswer } from '../locking/lock-answer.ts'
import { count } from './count.ts'
import { imageText } from './image-text.ts'
import { safeText } from './safe-text.ts'
import { type RememberedSigner, signerName } from '../../lock/index.ts'
import type { Style } from './style.ts'

/** The answer of `lading lock` for people. */
export function lockLines(
  answer: LockAnswer,
  { isCheck, style }: { readonly style: Style; readonly isCheck: boolean },
): string[] {
  const changed = answer.images.filter(({ change }) => change !== 'kept')
  return [
    ...changed.flatMap((image) => imageLines(image, style)),
    ...answer.images.filter(({ change }) => change === 'kept').flatMap((image) => noteLines(image, style)),
    ...answer.dropped.map((image) => `${style.red('-')} ${imageText(image)}  no longer used`),
    ...answer.unresolved.map((one) => occurrenceLine('not resolved', one, style)),
    ...answer.unlockable.map((one) => occurrenceLine('cannot be locked', one, style)),
    ...answer.stopped.flatMap((stop) => stopLines(stop, style)),
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
    ...noteLines(image, style),
  ]
}

function noteLines({ otherWorkflow, rejected, signatures }: LockedImageAnswer, style: Style): string[] {
  const lines: string[] = []
  if (otherWorkflow !== null)
    lines.push(
      `    ${style.yellow('another workflow signed:')} ${signerText(otherWorkflow.is)}, before ${signerText(otherWorkflow.was)}`,
    )
  if (rejected > 0 && signatures === 'none-found')
    lines.push(`    ${style.yellow(`${count(rejected, 'signature')} there`)}, of which none verifies`)
  return lines
}

function signaturesText({ acceptedBy, searched, signatures }: LockedImageAnswer): string {
  const by = acceptanceText(acceptedBy)
  switch (signatures) {
    case 'verified':
      return `verified, ${by}`
    case 'none-found':
      return `no signature (looked at ${searched.join(' and ')}), ${by}`
    case 'not-asked':
      return `signature not asked for, ${by}`
    default:
      return signatures satisfies never
  }
}

function acceptanceText(acceptedBy: string): string {
  if (acceptedBy === 'first-use') return 'taken on first use'
  if (acceptedBy === 'accept-signer') return 'accepted by --accept-signer'
  return `by the rule ${safeText(acceptedBy)}`
}

function occurrenceLine(
  what: string,
  { column, file, line, reason, text }: OccurrenceAnswer,
  style: Style,
): string {
  return `${style.yellow('!')} ${safeText(file)}:${line}:${column}: ${safeText(text)}  ${what}: ${safeText(reason)}`
}

function stopLines(stop: StopAnswer, style: Style): string[] {
  const image = style.bold(imageText(stop.image))
  const repository = parseReference(stop.image).familiarName
  const accept = `${style.dim('  try:')} Find out why, then: lading lock --accept-signer ${repository}`
  switch (stop.reason) {
    case 'signer-changed':
      return [
        `${style.red('stopped:')} ${image} is signed by somebody else`,
        ...stop.was.map((signer) => `    was  ${signerText(signer)}`),
        ...stop.is.map((signer) => `    is   ${signerText(signer)}`),
        accept,
      ]
    case 'signature-gone':
      return [
        `${style.red('stopped:')} ${image} has no signature any more`,
        ...stop.was.map((signer) => `    was  ${signerText(signer)}`),
        accept,
      ]
    case 'rule-refused':
      return [
        `${style.red('stopped:')} ${image} does not fulfil the rule ${safeText(stop.rule)}`,
        ...stop.reasons.map((reason) => `    ${safeText(reason)}`),
      ]
    case 'rule-missing':
      return [
        `${style.red('stopped:')} ${image} has no rule, and lading.yaml asks for one (trust.default: require)`,
      ]
    default:
      return stop satisfies never
  }
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

/** Enough to tell one from another. */
function shortDigest(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12)
}

function signerText(signer: RememberedSigner): string {
  return safeText(signerName(signer))
}
