import { openPlaces, type Location, type Places } from '../images/index.ts'
import { createRegistryClient, type HostSettings } from '../registry/index.ts'
import { readConfig } from './config/read-config.ts'
import type { Config } from './config/schema.ts'
import type { CliContext } from './context.ts'
import type { PlaceFlags } from './place-flags.ts'
import { Progress } from './progress.ts'
import { safeText } from './render/safe-text.ts'
import { packageVersion } from './version.ts'

/** What a verb that opens places works with. */
export interface PlaceWork {
  readonly places: Places
  readonly config: Config
  /** Draws what is under way, from the start of the work to its end. */
  readonly progress: Progress
}

/**
 * Runs work with places opened under the flags and the user's configuration; everything is closed behind it.
 *
 * @param locations those that the command line names: flags about registries hold for theirs.
 */
export async function withPlaces(
  context: CliContext,
  flags: PlaceFlags,
  locations: readonly Location[],
  work: (work: PlaceWork) => Promise<void>,
): Promise<void> {
  const { environment, output } = context
  const config = await readConfig(environment, flags.configFile)
  const progress = new Progress(output)
  const registry = createRegistryClient({
    environment,
    hosts: hostSettings(config, flags, locations),
    userAgent: `lading/${packageVersion()}`,
    ...(config.defaults?.requestsPerHost === undefined
      ? {}
      : { requestsPerHost: config.defaults.requestsPerHost }),
    onWait: (wait) => {
      progress.onWait(wait)
    },
    onWarning: ({ host, text }) => {
      output.warn(`${host}: ${safeText(text)}`)
    },
    onExchange: ({ method, url, status, milliseconds }) => {
      if (output.debug)
        output.note(
          `${method} ${safeText(url)} ${status === 0 ? 'failed' : status} ${Math.round(milliseconds)} ms`,
        )
    },
  })
  await using places = openPlaces({
    registry,
    environment,
    stdin: context.stdin,
    stdout: context.stdout,
  })
  progress.start()
  try {
    await work({ places, config, progress })
  } finally {
    progress.stop()
  }
}

function hostSettings(
  config: Config,
  flags: PlaceFlags,
  locations: readonly Location[],
): Readonly<Record<string, HostSettings>> {
  const settings: Record<string, HostSettings> = { ...config.registries }
  for (const location of locations) {
    if (location.kind !== 'registry') continue
    const { domain } = location.reference
    const configured = settings[domain]
    settings[domain] = {
      ...configured,
      plainHttp: flags.plainHttp ?? configured?.plainHttp,
      skipTlsVerify: flags.skipTlsVerify ?? configured?.skipTlsVerify,
      caFiles: [...(configured?.caFiles ?? []), ...(flags.caFile ?? [])],
    }
  }
  return settings
}
