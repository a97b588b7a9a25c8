import { LadingError } from '../../errors/index.ts'

/** Why a server cannot listen: another program does; others could read along; anything else. */
export type ListenErrorCode = 'LISTEN_TAKEN' | 'LISTEN_EXPOSED' | 'LISTEN_FAILED'

/** A server cannot listen where it was told to. */
export class ListenError extends LadingError<ListenErrorCode> {}
