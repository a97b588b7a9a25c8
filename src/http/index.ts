export { createTransport, type TransportSurroundings } from './create-transport.ts'
export {
  type ConnectionFailure,
  HttpBodyTooLargeError,
  HttpConnectionError,
  HttpRefusedError,
} from './errors.ts'
export type {
  HostTransport,
  HttpExchange,
  HttpRequest,
  HttpResponse,
  HttpWait,
  Transport,
  TransportOptions,
} from './types.ts'
export { isLoopbackAddress, isPublicAddress } from './public-address.ts'
