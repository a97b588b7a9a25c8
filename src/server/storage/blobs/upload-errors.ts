import { LadingError } from '../../../errors/index.ts'

/** More bytes came than an upload may have; it is as it was before the append. */
export class UploadTooLargeError extends LadingError<'UPLOAD_TOO_LARGE'> {
  /** The most bytes that the upload may have. */
  readonly maxSize: number

  constructor(maxSize: number) {
    super('UPLOAD_TOO_LARGE', `Cannot store the upload: it has more than ${maxSize} bytes`)
    this.maxSize = maxSize
  }
}

/** Bytes were to be written elsewhere than at the end of what an upload has; nothing was written. */
export class UploadOffsetError extends LadingError<'UPLOAD_OFFSET'> {
  /** Bytes that the upload has. */
  readonly size: number

  constructor(offset: number, size: number) {
    super('UPLOAD_OFFSET', `Cannot continue the upload at byte ${offset}: it has ${size} bytes`)
    this.size = size
  }
}

/** An append ended because another request writes, commits or cancels the same upload. What had arrived stays. */
export class UploadInterruptedError extends LadingError<'UPLOAD_INTERRUPTED'> {
  constructor() {
    super('UPLOAD_INTERRUPTED', 'Cannot go on with the upload: another request works on it')
  }
}
