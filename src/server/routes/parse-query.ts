import { ProtocolError } from '../protocol-error.ts'

/** More parameters than this no request needs. */
const maxParameters = 256

/** The parameters of a query, by name, in their order. */
export type Query = ReadonlyMap<string, readonly string[]>

const none: Query = new Map()

/**
 * Reads the query of a raw request target. A `+` stands for itself and not for a space: no parameter of the protocol
 * has spaces, and media types have `+`.
 *
 * @param text what follows the `?`; undefined when there is none.
 * @throws {ProtocolError} UNSUPPORTED with status 400 for a broken percent-encoding, or too many parameters.
 */
export function parseQuery(text: string | undefined): Query {
  if (text === undefined || text === '') return none
  const query = new Map<string, string[]>()
  const parts = text.split('&', maxParameters + 1)
  if (parts.length > maxParameters)
    throw new ProtocolError('UNSUPPORTED', `the query has more than ${maxParameters} parameters`, {
      status: 414,
    })
  for (const part of parts) {
    const equals = part.indexOf('=')
    const name = decoded(equals < 0 ? part : part.slice(0, equals))
    const value = equals < 0 ? '' : decoded(part.slice(equals + 1))
    const values = query.get(name)
    if (values === undefined) query.set(name, [value])
    else values.push(value)
  }
  return query
}

/**
 * The value of a parameter that may be there once.
 *
 * @throws {ProtocolError} UNSUPPORTED with status 400 where it is there twice: nobody knows which one was meant.
 */
export function singleParameter(query: Query, name: string): string | undefined {
  const values = query.get(name)
  if (values === undefined) return undefined
  if (values.length > 1)
    throw new ProtocolError('UNSUPPORTED', `the parameter ${name} is there more than once`, { status: 400 })
  return values[0]
}

function decoded(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new ProtocolError('UNSUPPORTED', 'the query has a broken percent-encoding', { status: 400, cause })
  }
}
