import {
  array,
  boolean,
  description,
  type GenericSchema,
  integer,
  maxValue,
  minValue,
  number,
  optional,
  picklist,
  pipe,
  record,
  strictObject,
  string,
} from 'valibot'

/** What `~/.config/lading/config.yaml` may say of one registry. */
export interface RegistryConfig {
  readonly plainHttp?: boolean | undefined
  readonly caFiles?: string[] | undefined
  readonly skipTlsVerify?: boolean | undefined
  readonly mirrors?: string[] | undefined
}

/** What `~/.config/lading/config.yaml` may say. */
export interface Config {
  readonly registries?: Record<string, RegistryConfig> | undefined
  readonly defaults?: ConfigDefaults | undefined
}

/** Values that take the place of Lading's own where a flag does not say otherwise. */
export interface ConfigDefaults {
  readonly platform?: string | undefined
  readonly requestsPerHost?: number | undefined
  readonly blobsAtOnce?: number | undefined
  readonly color?: 'auto' | 'always' | 'never' | undefined
}

const registrySchema = strictObject({
  plainHttp: optional(
    pipe(boolean(), description('Speak http, not https, to this registry. Loopback needs no permission.')),
  ),
  caFiles: optional(
    pipe(array(string()), description('PEM files of certificate authorities to trust for this registry.')),
  ),
  skipTlsVerify: optional(
    pipe(
      boolean(),
      description(
        'Take any certificate of this registry. Whoever is in between can read and change everything.',
      ),
    ),
  ),
  mirrors: optional(
    pipe(
      array(string()),
      description(
        'Registries asked first for reads, in this order, as HOST or HOST/PREFIX; what they answer is held against its digest.',
      ),
    ),
  ),
})

/** The schema of `~/.config/lading/config.yaml`; unknown keys are refused. */
export const configSchema: GenericSchema<unknown, Config> = strictObject({
  registries: optional(
    pipe(
      record(string(), registrySchema),
      description('By host as in a reference: docker.io, ghcr.io, registry.example:5000.'),
    ),
  ),
  defaults: optional(
    strictObject({
      platform: optional(
        pipe(string(), description('OS/ARCHITECTURE[/VARIANT] where one image is needed; else the host’s.')),
      ),
      requestsPerHost: optional(
        pipe(
          number(),
          integer(),
          minValue(1),
          maxValue(64),
          description('Requests under way to one host at a time; 8.'),
        ),
      ),
      blobsAtOnce: optional(
        pipe(number(), integer(), minValue(1), maxValue(64), description('Blobs under way at a time; 6.')),
      ),
      color: optional(pipe(picklist(['auto', 'always', 'never']), description('When to use colour.'))),
    }),
  ),
})
