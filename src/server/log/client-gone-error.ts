import { LadingError } from '../../errors/index.ts'

/** Whoever sent a request is no longer there to be answered. */
export class ClientGoneError extends LadingError<'CLIENT_GONE'> {
  constructor(cause?: unknown) {
    super('CLIENT_GONE', 'Cannot go on: the client closed the connection', { cause })
  }
}
