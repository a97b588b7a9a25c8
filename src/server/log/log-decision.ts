import type { Logger } from 'pino'
import type { Decision } from '../auth/decision.ts'

/**
 * Writes what a gate decided. Wrong passwords are a warning, as somebody may be guessing; that somebody is asked who
 * they are, and is given a token, is how every login goes, and said for who looks closely.
 */
export function logDecision(log: Logger, decision: Decision): void {
  const { kind: _kind, ...about } = decision
  switch (decision.kind) {
    case 'wrong-credentials':
      log.warn(about, 'wrong credentials')
      break
    case 'refused':
      if (decision.by === 'anonymous') log.debug(about, 'asked who it is')
      else log.info(about, 'refused')
      break
    case 'token':
      log.debug(about, 'token given')
      break
    default:
      decision satisfies never
  }
}
