import { formatBytes } from './format-bytes.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'

/**
 * A record of the server's log as a line for people: time, status, method, path, bytes, milliseconds. Undefined for a
 * record that is not worth a line.
 *
 * @param record one line of JSON, as pino writes it
 */
export function logLine(record: string, style: Style): string | undefined {
  const fields = readRecord(record)
  if (fields === undefined) return undefined
  const { time, level, msg } = fields
  const clock = style.dim(typeof time === 'string' ? localClock(time) : '--:--:--')
  if (typeof fields['method'] === 'string') return `${clock}  ${requestText(fields, style)}`
  const word = level === 'error' ? style.red('error') : level === 'warn' ? style.yellow('warn') : undefined
  return `${clock}  ${word === undefined ? '' : `${word} `}${safeText(String(msg))}${detailsOf(fields, style)}`
}

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
    statusText(status, style),
    String(method).padEnd(6),
    safeText(String(path)),
    style.dim(
      [
        typeof bytes === 'number' ? formatBytes(bytes) : '',
        typeof ms === 'number' ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms` : '',
        typeof user === 'string' ? safeText(user) : '',
      ]
        .filter((part) => part !== '')
        .join('  '),
    ),
  ].join('  ')
}

function statusText(status: unknown, style: Style): string {
  if (typeof status !== 'number') return style.yellow('---')
  const text = String(status)
  if (status >= 500) return style.red(text)
  if (status >= 400) return style.yellow(text)
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
