import { type RememberedSigner, signerName } from '../../lock/index.ts'
import { parseReference } from '../../oci/index.ts'
import type { StopAnswer } from '../locking/lock-answer.ts'
import { imageText } from './image-text.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'

/**
 * Why an image was not let in: what was, what is, and how to go on.
 *
 * @param verb that goes on: `lock`, `update`
 */
export function stopLines(stop: StopAnswer, verb: string, style: Style): string[] {
  const image = style.bold(imageText(stop.image))
  const repository = parseReference(stop.image).familiarName
  const accept = `${style.dim('  try:')} Find out why, then: lading ${verb} --accept-signer ${repository}`
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

function signerText(signer: RememberedSigner): string {
  return safeText(signerName(signer))
}
