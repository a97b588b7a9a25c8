import { parsePlatform, type Platform } from '../oci/index.ts'
import type { Config } from './config/schema.ts'
import type { CliContext } from './context.ts'

/** The platform of which an image is meant where one is needed and none was named: what the configuration says, else this machine's. */
export function wantedPlatform(context: Pick<CliContext, 'host'>, config: Config): Platform {
  const configured = config.defaults?.platform
  return configured === undefined ? context.host : parsePlatform(configured)
}
