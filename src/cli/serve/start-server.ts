import { platform } from 'node:os'
import { createTransport } from '../../http/index.ts'
import { createRegistryServer, type RegistryServer, type ServerOptions } from '../../server/index.ts'
import type { CliContext } from '../context.ts'
import type { RegistryFile } from '../registry-file/registry-file.ts'
import { packageVersion } from '../version.ts'
import type { ServeFlags } from './serve-flags.ts'
import { serveOptions } from './serve-options.ts'
import { serverLog } from './server-log.ts'
import { withTakenPortHint } from './taken-port-hint.ts'

/** A server that listens, and what it was told. */
export interface StartedServer {
  readonly server: RegistryServer
  readonly options: ServerOptions
  /** Lets requests that run finish, and closes everything. Gives false when some had to be cut off. */
  readonly close: () => Promise<boolean>
}

/** Starts the server that the flags and the file describe. */
export async function startServer(flags: ServeFlags, context: CliContext): Promise<StartedServer> {
  const { environment, signal } = context
  const file = flags.config === undefined ? {} : await readFile(flags.config)
  const options = serveOptions(flags, file, environment)
  signal.throwIfAborted()
  // For the documents of outside issuers; nothing is connected before one is needed.
  const transport = createTransport({ environment, userAgent: `lading/${packageVersion()}` })
  const server = await withTakenPortHint(options.listen, platform(), () =>
    createRegistryServer({
      ...options,
      log: serverLog(context, { quiet: flags.quiet ?? false, level: file.log?.level }),
      transport,
    }),
  )
  return {
    server,
    options,
    async close() {
      const finished = await server.close()
      await transport.close()
      return finished
    },
  }
}

/** valibot and yaml load for who has a file. */
async function readFile(path: string): Promise<RegistryFile> {
  const { readRegistryFile } = await import('../registry-file/read-registry-file.ts')
  return readRegistryFile(path)
}
