import { findingRules } from '../../lock/index.ts'
import type { FindingAnswer } from '../locking/check-answer.ts'

/**
 * Findings as SARIF 2.1.0, for code scanning.
 *
 * @param folder of the project from the repository's root, with `/` at its end; empty where they are the same
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function checkSarif(
  findings: readonly FindingAnswer[],
  { folder, version }: { readonly folder: string; readonly version: string },
): unknown {
  const rules = Object.entries(findingRules)
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'lading',
            version,
            rules: rules.map(([id, text]) => ({ id, shortDescription: { text } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultOf(finding, folder, rules)),
      },
    ],
  }
}

function resultOf(
  { column, file, hint, image, length, level, line, message, rule }: FindingAnswer,
  folder: string,
  rules: readonly (readonly [string, string])[],
): unknown {
  return {
    ruleId: rule,
    ruleIndex: rules.findIndex(([id]) => id === rule),
    level,
    message: { text: hint === null ? message : `${message}\nTry: ${hint}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(folder + file) },
          region: {
            startLine: line,
            startColumn: column,
            ...(length === 0 ? {} : { endColumn: column + length }),
          },
        },
      },
    ],
    // What stays the same when lines move.
    partialFingerprints: { 'lading/v1': `${rule}:${file}:${image}` },
  }
}

/** A relative reference: `#`, `?` and `:` of a file's name would mean something else in it. */
function uriOf(path: string): string {
  return path
    .split('/')
    .map((name) => encodeURIComponent(name.toWellFormed()))
    .join('/')
}
