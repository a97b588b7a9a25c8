import type { FinderInput } from '../finder.ts'
import type { FileFindings, Occurrence } from '../occurrence.ts'
import { withDistinctPlaces } from '../finders/distinct-places.ts'
import { YamlTreeError } from './build-tree.ts'
import { readYaml } from './read-yaml.ts'
import { ScalarOccurrences } from './scalar-occurrence.ts'
import type { YamlNode } from './yaml-node.ts'

/** Finds what the documents of a file name; undefined where they are of another kind. */
export type FindInDocuments = (
  documents: readonly YamlNode[],
  make: ScalarOccurrences,
) => readonly Occurrence[] | undefined | Promise<readonly Occurrence[] | undefined>

/** Reads the YAML of a file and lets `find` look through its documents. A file that is no YAML is a problem. */
export async function findInDocuments(
  input: FinderInput,
  find: FindInDocuments,
): Promise<FileFindings | undefined> {
  const { file, text } = input
  const make = new ScalarOccurrences(input)
  const yaml = readYaml(text)
  if (yaml.kind === 'broken') {
    const { line, column, message, hint } = yaml
    return { occurrences: [], problems: [{ file, line, column, message, hint }] }
  }
  try {
    const occurrences = await find(yaml.documents, make)
    return occurrences && { occurrences: withDistinctPlaces(occurrences), problems: [] }
  } catch (error) {
    if (!(error instanceof YamlTreeError)) throw error
    return { occurrences: [], problems: [{ file, line: 1, message: error.message, hint: error.hint }] }
  }
}
