import {
  defaultListenAddress,
  formatListenAddress,
  type ListenAddress,
  ListenError,
} from '../../server/index.ts'

/** AirPlay Receiver holds it since macOS 12. */
const airPlayPort = 5000

/**
 * Runs what listens; where the port is taken, the error says what to type.
 *
 * @param platform as node:os says it.
 */
export async function withTakenPortHint<T>(
  address: ListenAddress = defaultListenAddress,
  platform: string,
  listen: () => Promise<T>,
): Promise<T> {
  try {
    return await listen()
  } catch (error) {
    if (!(error instanceof ListenError) || error.code !== 'LISTEN_TAKEN') throw error
    const next = formatListenAddress({ ...address, port: address.port < 65_535 ? address.port + 1 : 5000 })
    const isAirPlay = platform === 'darwin' && address.port === airPlayPort
    throw new ListenError(error.code, error.message, {
      cause: error,
      hint: `lading serve --listen ${next}${isAirPlay ? ' (on macOS the AirPlay Receiver holds port 5000: System Settings, General, AirDrop & Handoff)' : ''}`,
    })
  }
}
