import { parseYaml } from './parse-yaml.ts'
import { type Config, configSchema } from './schema.ts'

/** Reads the text of a configuration file. @throws {ConfigError} naming the line. */
export function parseConfig(text: string, file: string): Config {
  return parseYaml(text, file, {
    schema: configSchema,
    hint: 'Its keys are described in schema/config.schema.json and docs/reference.',
  })
}
