import type { Finder, FinderInput } from '../finder.ts'
import type { FileFindings } from '../occurrence.ts'
import { findInDocuments } from '../yaml/find-in-documents.ts'
import { childOf } from '../yaml/navigate.ts'
import { findInTemplate } from '../yaml/find-in-template.ts'
import { isTemplate } from '../yaml/template-lines.ts'
import { readAppVersion } from './helm/read-app-version.ts'
import { valuesImages } from './helm/values-images.ts'

/** Finds what the values of Helm's charts name, and lists what their templates put together. */
export const helmFinder: Finder = {
  name: 'helm',
  mayBe: (file) => isValues(file) || isInTemplates(file),
  mayHold: (text) => /image|repository|\t/i.test(text),
  find: async (input) => (isValues(input.file) ? findInValues(input) : findInFilledIn(input)),
}

/** `values.yaml`, `values-prod.yaml`, `prod.values.yml`. */
function isValues(file: string): boolean {
  return /(?:^|[/._-])values(?:[._-][^/]*)?\.ya?ml$/i.test(file)
}

function isInTemplates(file: string): boolean {
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
function findInFilledIn(input: FinderInput): FileFindings | undefined {
  return isTemplate(input.text) ? findInTemplate(input) : undefined
}
