import { ProtocolError } from '../protocol-error.ts'
import type { Identity } from './gate.ts'
import type { ServerGate } from './server-gate.ts'

/** The gate of a registry that asks nobody: everybody may do everything. */
export const openGate: ServerGate = {
  isOpen: true,
  identify: () => everybody,
  refusal: () => new ProtocolError('DENIED', 'this is not allowed'),
  challengeForMore: () => undefined,
  grant: async () => {
    throw new ProtocolError('UNSUPPORTED', 'this registry asks for no tokens', { status: 404 })
  },
  close: async () => {},
}

const everybody: Identity = { name: undefined, by: 'open', may: () => true, mayList: () => true }
