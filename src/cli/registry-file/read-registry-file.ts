import { dirname, resolve } from 'node:path'
import { ConfigError } from '../config/config-error.ts'
import { parseYaml } from '../config/parse-yaml.ts'
import { readBoundedFile } from '../config/read-bounded-file.ts'
import type { RegistryFile } from './registry-file.ts'
import { registryFileSchema } from './schema.ts'

const hint = 'Its keys are described in schema/registry.schema.json and docs/guides/registry.md.'

/**
 * Reads a `registry.yaml`; the paths in it are made absolute.
 *
 * @throws {ConfigError} with the line of what is wrong.
 */
export function readRegistryFile(file: string): RegistryFile {
  const text = readBoundedFile(file, hint)
  if (text === undefined) throw new ConfigError(file, 'there is no such file', hint)
  const folder = dirname(resolve(file))
  const read = parseYaml(text, file, { schema: registryFileSchema, hint })
  return withAbsolutePaths(read, (path) => resolve(folder, path))
}

function withAbsolutePaths(file: RegistryFile, absolute: (path: string) => string): RegistryFile {
  const { data, tls, access } = file
  return {
    ...file,
    data: data === undefined ? undefined : absolute(data),
    tls: tls === undefined ? undefined : { certificate: absolute(tls.certificate), key: absolute(tls.key) },
    access:
      access === undefined
        ? undefined
        : {
            ...access,
            htpasswd: access.htpasswd === undefined ? undefined : absolute(access.htpasswd),
            issuers: access.issuers?.map((issuer) => ({
              ...issuer,
              caFile: issuer.caFile === undefined ? undefined : absolute(issuer.caFile),
            })),
          },
  }
}
