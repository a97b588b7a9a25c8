import { redactUrl } from '../errors/index.ts'
import { type ConnectionFailure, HttpConnectionError, HttpRefusedError } from './errors.ts'

/**
 * What an error of the network layers (Node.js, OpenSSL, the exchange itself) means to a person. Errors of our own are
 * given back as they are.
 *
 * @param method The method and URL that were tried.
 */
export function connectionError(method: string, url: URL, error: unknown): Error {
  if (error instanceof HttpConnectionError || error instanceof HttpRefusedError) return error
  const code = codeOf(error)
  const reason = failureOf(code)
  const { detail, hint } = explain(reason, url, code, error)
  const connected = !beforeConnection.has(reason) && !connectTimeouts.has(code)
  const action = connected ? `${method} ${redactUrl(url)}` : `reach ${url.host}`
  return new HttpConnectionError(`Cannot ${action}: ${detail}`, { reason, hint, cause: error })
}

function failureOf(code: string): ConnectionFailure {
  const known = failures.get(code)
  if (known !== undefined) return known
  if (isTlsCode(code)) return 'tls'
  return code.startsWith('HPE_') ? 'protocol' : 'reset'
}

/** Whether the certificate could not be traced to an authority that is trusted. */
export function isUntrustedCertificate(error: unknown): boolean {
  return untrusted.has(codeOf(error))
}

const beforeConnection: ReadonlySet<ConnectionFailure> = new Set(['dns', 'connect', 'tls', 'not-tls'])

const connectTimeouts: ReadonlySet<string> = new Set(['ETIMEDOUT', 'CONNECT_TIMEOUT'])

/** What Node.js says to a request that cannot be written down. */
const invalidRequest: ReadonlySet<string> = new Set([
  'ERR_HTTP_INVALID_HEADER_VALUE',
  'ERR_INVALID_CHAR',
  'ERR_INVALID_HTTP_TOKEN',
  'ERR_UNESCAPED_CHARACTERS',
])

const failures: ReadonlyMap<string, ConnectionFailure> = new Map([
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['EAI_FAIL', 'dns'],
  ['EAI_NODATA', 'dns'],
  ['EAI_NONAME', 'dns'],
  ['ECONNREFUSED', 'connect'],
  ['EHOSTUNREACH', 'connect'],
  ['ENETUNREACH', 'connect'],
  ['EADDRNOTAVAIL', 'connect'],
  ['EHOSTDOWN', 'connect'],
  ['ENETDOWN', 'connect'],
  ['EACCES', 'connect'],
  ['EPERM', 'connect'],
  ['CLOSED', 'connect'],
  ['ETIMEDOUT', 'timeout'],
  ['CONNECT_TIMEOUT', 'timeout'],
  ['HEADERS_TIMEOUT', 'timeout'],
  ['BODY_TIMEOUT', 'timeout'],
  // What OpenSSL says to bytes that are no TLS record: "HTTP/1.1 400 …".
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'not-tls'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'not-tls'],
  ['ERR_SSL_HTTP_REQUEST', 'not-tls'],
  ['EPROTO', 'tls'],
  // The parser met the end of the connection inside of an answer.
  ['HPE_INVALID_EOF_STATE', 'reset'],
  ['BODY_LENGTH', 'protocol'],
  ...[...invalidRequest].map((code) => [code, 'protocol'] as const),
])

const untrusted: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
])

function isTlsCode(code: string): boolean {
  return untrusted.has(code) || /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|HOSTNAME_MISMATCH)/.test(code)
}

interface Explanation {
  readonly detail: string
  readonly hint: string | undefined
}

function explain(reason: ConnectionFailure, url: URL, code: string, error: unknown): Explanation {
  switch (reason) {
    case 'dns':
      return code === 'EAI_AGAIN'
        ? { detail: 'its name could not be looked up', hint: 'Check the network and its name server.' }
        : { detail: 'no such host', hint: 'Check the name for a typing error.' }
    case 'connect':
      if (code === 'CLOSED') return { detail: 'the transport was closed', hint: undefined }
      return {
        detail: code === 'ECONNREFUSED' ? 'nothing listens there' : `no way leads there (${code})`,
        hint: 'Check host, port and network; behind a proxy, set HTTPS_PROXY.',
      }
    case 'timeout':
      return {
        detail: timeouts.get(code) ?? 'it did not connect in time',
        hint: 'Check the network, or try again later; behind a proxy, set HTTPS_PROXY.',
      }
    case 'not-tls':
      return {
        detail: 'it speaks plain http, not https',
        hint: 'If that is meant to be so, configure the host for plain http.',
      }
    case 'tls':
      return explainTls(url, code, error)
    case 'protocol':
      if (code === 'BODY_LENGTH') {
        return { detail: 'the body to send is not as long as it was said to be', hint: undefined }
      }
      if (invalidRequest.has(code)) {
        return { detail: `the request is not valid HTTP (${messageOf(error)})`, hint: undefined }
      }
      return { detail: `the answer cannot be understood (${messageOf(error)})`, hint: undefined }
    case 'proxy':
    case 'reset':
      return { detail: `the connection broke off (${messageOf(error)})`, hint: 'Try again.' }
    default:
      return reason satisfies never
  }
}

const timeouts: ReadonlyMap<string, string> = new Map([
  ['HEADERS_TIMEOUT', 'no answer came in time'],
  ['BODY_TIMEOUT', 'the answer stopped in the middle'],
])

function explainTls(url: URL, code: string, error: unknown): Explanation {
  if (untrusted.has(code)) {
    return {
      detail: `its certificate is not trusted (${messageOf(error)})`,
      hint: `If you trust it, put its CA certificate into /etc/docker/certs.d/${url.host}/ca.crt.`,
    }
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return {
      detail: 'its certificate has expired',
      hint: 'Check the clock of this machine, or tell who runs it.',
    }
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return { detail: 'its certificate is for another name', hint: 'Use a name that the certificate holds.' }
  }
  return { detail: `TLS failed (${messageOf(error)})`, hint: certificateHint(url, code) }
}

function certificateHint(url: URL, code: string): string | undefined {
  if (!code.includes('CERTIFICATE') && !code.includes('HANDSHAKE_FAILURE')) return undefined
  return `If it wants a client certificate, put client.cert and client.key into /etc/docker/certs.d/${url.host}/.`
}

/** The code of an error, or of the first that an AggregateError (several addresses were tried) holds. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if ('code' in error && typeof error.code === 'string' && error.code !== '') return error.code
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return ''
}

/** OpenSSL's messages carry file names and line numbers; the part that says something is the reason. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('reason' in error && typeof error.reason === 'string' && error.reason !== '') return error.reason
  // Node.js adds advice of its own behind a semicolon.
  const [message = ''] = error.message.split(';')
  return message === '' ? codeOf(error) : message
}
