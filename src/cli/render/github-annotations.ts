import type { FindingAnswer } from '../locking/check-answer.ts'
import { safeText } from './safe-text.ts'

/**
 * Findings as workflow commands, which GitHub Actions shows beside the lines that they are about.
 *
 * @param folder of the project from the repository's root, with `/` at its end; empty where they are the same
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function githubAnnotations(findings: readonly FindingAnswer[], folder: string): readonly string[] {
  return findings.map(({ column, file, hint, level, line, message, rule }) => {
    const command = level === 'note' ? 'notice' : level
    const properties = `file=${property(folder + file)},line=${line},col=${column},title=${property(`lading ${rule}`)}`
    return `::${command} ${properties}::${data(hint === null ? message : `${message} (try: ${hint})`)}`
  })
}

function data(text: string): string {
  return safeText(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
