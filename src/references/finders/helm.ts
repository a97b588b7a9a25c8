import type { Finder, FinderInput } from '../finder.ts'
import type { FileFindings } from '../occurrence.ts'
import { findInDocuments } from '../yaml/find-in-documents.ts'
import { childOf } from '../yaml/navigate.ts'
import { ScalarOccurrences } from '../yaml/scalar-occurrence.ts'
import { templateLines } from '../yaml/template-lines.ts'
import { readAppVersion } from './helm/read-app-version.ts'
import { valuesImages } from './helm/values-images.ts'

/** Finds what the values of Helm's charts name, and lists what their templates put together. */
export const helmFinder: Finder = {
  name: 'helm',
  mayBe: (file) => isValues(file) || isTemplate(file),
  mayHold: (text) => /image|repository|\t/i.test(text),
  find: async (input) => (isTemplate(input.file) ? findInTemplate(input) : findInValues(input)),
}

/** `values.yaml`, `values-prod.yaml`, `prod.values.yml`. */
function isValues(file: string): boolean {
  return /(?:^|[/._-])values(?:[._-][^/]*)?\.ya?ml$/i.test(file)
}

function isTemplate(file: string): boolean {
  return /(?:^|\/)templates\/.*\.(?:ya?ml|tpl)$/.test(file)
}

async function findInValues(input: FinderInput): Promise<FileFindings | undefined> {
  const { file, files } = input
  const folder = file.slice(0, file.lastIndexOf('/') + 1)
  return findInDocuments(input, async (documents, make) => {
    if (documents.some((one) => childOf(one, 'apiVersion') && childOf(one, 'kind'))) return undefined
    const appVersion = await readAppVersion(files, folder)
    return documents.flatMap((document) => valuesImages(document, { make, source: input.text, appVersion }))
  })
}

/** A template without anything to fill in is YAML, and whoever reads that reads it. */
function findInTemplate(input: FinderInput): FileFindings | undefined {
  if (!input.text.includes('{{')) return undefined
  return { occurrences: templateLines(input.text, new ScalarOccurrences(input)), problems: [] }
}
