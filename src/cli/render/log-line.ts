import { formatBytes } from './format-bytes.ts'
import { formatDuration } from './format-duration.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'

/**
 * A record of the server's log as a line for people: time, status, method, bytes, milliseconds, path, user. Undefined
 * for what people are told in other words: that the server listens, and stops.
 *
 * @param record one line of JSON, as pino writes it
 */
export function logLine(record: string, style: Style): string | undefined {
  const fields = readRecord(record)
  if (fields === undefined) return undefined
  const { time, level, msg } = fields
  if (typeof msg === 'string' && toldOtherwise.has(msg)) return undefined
  const clock = style.dim(typeof time === 'string' ? localClock(time) : '--:--:--')
  if (typeof fields['method'] === 'string') return `${clock}  ${requestText(fields, style)}`
  const word = level === 'error' ? style.red('error') : level === 'warn' ? style.yellow('warn') : undefined
  return `${clock}  ${word === undefined ? '' : `${word} `}${safeText(String(msg))}${detailsOf(fields, style)}`
}

const toldOtherwise: ReadonlySet<string> = new Set(['listening', 'stopping', 'stopped'])

type Fields = Readonly<Record<string, unknown>>

function readRecord(record: string): Fields | undefined {
  const value: unknown = JSON.parse(record)
  if (typeof value !== 'object' || value === null) return undefined
  return { ...value }
}

function localClock(time: string): string {
  const date = new Date(time)
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}

function requestText({ method, status, path, received, sent, ms, user }: Fields, style: Style): string {
  const isUpload = method === 'PUT' || method === 'POST' || method === 'PATCH'
  const bytes = isUpload ? received : sent
  return [
    statusText(status, method, style),
    String(method).padEnd(6),
    (typeof bytes === 'number' ? formatBytes(bytes) : '').padStart(7),
    style.dim((typeof ms === 'number' ? milliseconds(ms) : '').padStart(8)),
    safeText(shortPath(String(path))),
    ...(typeof user === 'string' ? [style.dim(safeText(user))] : []),
  ].join('  ')
}

function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10_000 ? `${Math.round(ms)} ms` : formatDuration(ms / 1000)
}

/** Digests and ids of uploads by their beginnings, as a line has room for. */
function shortPath(path: string): string {
  return path
    .replace(/(sha\d+:[0-9a-f]{12})[0-9a-f]{20,}/g, '$1…')
    .replace(/(\/[0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, '$1…')
}

function statusText(status: unknown, method: unknown, style: Style): string {
  if (typeof status !== 'number') return style.yellow('---')
  const text = String(status)
  if (status >= 500) return style.red(text)
  // Every push asks by HEAD for what is not there yet, and every login begins with 401.
  const isUsual = status === 401 || (status === 404 && method === 'HEAD')
  if (status >= 400) return isUsual ? style.dim(text) : style.yellow(text)
  return style.green(text)
}

/** What a line that is no request's says besides its message. */
function detailsOf(fields: Fields, style: Style): string {
  const { err } = fields
  const message =
    typeof err === 'object' && err !== null && 'message' in err && typeof err.message === 'string'
      ? `: ${safeText(err.message)}`
      : ''
  const rest = Object.entries(fields)
    .filter(
      ([name, value]) => !knownFields.has(name) && ['string', 'number', 'boolean'].includes(typeof value),
    )
    .map(([name, value]) => `${name}=${safeText(String(value))}`)
  return `${message}${rest.length === 0 ? '' : style.dim(`  ${rest.join(' ')}`)}`
}

const knownFields: ReadonlySet<string> = new Set(['time', 'level', 'msg', 'err'])
