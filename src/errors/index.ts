export { hideUser } from './hide-user.ts'
export { LadingError, type LadingErrorOptions } from './lading-error.ts'
export { redactUrl } from './redact-url.ts'
export { UsageError } from './usage-error.ts'
