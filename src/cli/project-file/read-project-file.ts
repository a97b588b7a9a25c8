import { ConfigError } from '../config/config-error.ts'
import { parseYaml } from '../config/parse-yaml.ts'
import { readBoundedFile } from '../config/read-bounded-file.ts'
import type { ProjectFile } from './project-file.ts'
import { projectFileSchema } from './schema.ts'

const hint = 'Its keys are described in schema/project.schema.json and docs/guides/verify.md.'

/**
 * Reads a `lading.yaml`. Paths in it stay as they are written.
 *
 * @throws {ConfigError} with the line of what is wrong.
 */
export function readProjectFile(file: string): ProjectFile {
  const text = readBoundedFile(file, hint)
  if (text === undefined) throw new ConfigError(file, 'there is no such file', hint)
  return parseYaml(text, file, { schema: projectFileSchema, hint })
}
