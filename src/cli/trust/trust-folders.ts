import { dirname } from 'node:path'
import type { TrustFolders } from '../../signing/index.ts'
import { cacheDirectory } from '../cache-directory.ts'
import { configFile } from '../config/read-config.ts'
import type { CliContext } from '../context.ts'

/** Where this user's trust roots are kept. */
export function trustFolders({ environment }: Pick<CliContext, 'environment'>): TrustFolders {
  return { cache: cacheDirectory(environment), config: dirname(configFile(environment)) }
}
