import { Writable } from 'node:stream'
import { exitCodeOf, type ExitCode, OutputGoneError } from './exit-code.ts'
import type { OutputFlags } from './output-flags.ts'
import { errorLines } from './render/error-lines.ts'
import { createStyle, type Style } from './render/style.ts'
import { type Column, renderTable } from './render/table.ts'

/** A stream to write text to, perhaps a terminal. */
export interface TextStream {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** What {@link Output} needs of the process. */
export interface OutputStreams {
  readonly stdout: TextStream
  readonly stderr: TextStream
  readonly environment: Readonly<Record<string, string | undefined>>
  setExitCode(code: ExitCode): void
}

/** Where answers (stdout), and progress, warnings and errors (stderr) go. */
export class Output {
  readonly #streams: OutputStreams
  #colour: OutputFlags['color'] = 'auto'
  #live: { readonly clear: () => void; readonly draw: () => void } | undefined
  debug = false

  constructor(streams: OutputStreams) {
    this.#streams = streams
  }

  /** Runs a verb under its flags; an error is shown and becomes the exit code. */
  async run(flags: OutputFlags, action: () => Promise<void>): Promise<void> {
    this.#colour = flags.color
    this.debug = flags.debug ?? false
    try {
      await action()
    } catch (error) {
      this.fail(error)
    }
  }

  /** How text stands out on stdout. */
  get style(): Style {
    return createStyle(this.#hasColour(this.#streams.stdout))
  }

  /** How text stands out on stderr. */
  get errorStyle(): Style {
    return createStyle(this.#hasColour(this.#streams.stderr))
  }

  /** Columns of stdout's terminal; undefined where it is none, and lines may be as long as they are. */
  get width(): number | undefined {
    const { stdout } = this.#streams
    return stdout.isTTY === true ? (stdout.columns ?? 80) : undefined
  }

  /** Whether progress may be drawn live. */
  get hasLiveProgress(): boolean {
    return this.#streams.stderr.isTTY === true && this.#streams.environment['TERM'] !== 'dumb'
  }

  /** Columns of stderr's terminal. */
  get progressWidth(): number {
    return this.#streams.stderr.columns ?? 80
  }

  /** An answer, one line. */
  line(text: string): void {
    this.#live?.clear()
    this.#streams.stdout.write(`${text}\n`)
    this.#live?.draw()
  }

  /** An answer as it is, without a line's end. */
  text(text: string): void {
    this.#streams.stdout.write(text)
  }

  /** An answer for programs: the only thing on stdout. */
  json(value: unknown): void {
    this.line(JSON.stringify(value, null, 2))
  }

  /** An answer as a table. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    for (const line of renderTable(columns, rows, { style: this.style, width: this.width })) this.line(line)
  }

  /** Something to know that is not the answer. */
  note(text: string): void {
    this.#live?.clear()
    this.#streams.stderr.write(`${text}\n`)
    this.#live?.draw()
  }

  /** Something that may be wrong. */
  warn(text: string): void {
    this.note(`${this.errorStyle.yellow('warning:')} ${text}`)
  }

  /** Something that could not be done; sets the exit code. */
  fail(error: unknown): void {
    if (error instanceof OutputGoneError) return
    for (const line of errorLines(error, { style: this.errorStyle, debug: this.debug })) this.note(line)
    this.exitWith(exitCodeOf(error))
  }

  /** Sets the exit code. */
  exitWith(code: ExitCode): void {
    this.#streams.setExitCode(code)
  }

  /** Lets lines pass above what is drawn live: `clear` removes it, `draw` puts it back. */
  setLive(live: { readonly clear: () => void; readonly draw: () => void } | undefined): void {
    this.#live = live
  }

  /** Stderr as a stream, for questions. */
  get errorWritable(): Writable {
    const { stderr } = this.#streams
    return stderr instanceof Writable
      ? stderr
      : new Writable({
          write: (chunk: Buffer, _encoding, done) => {
            stderr.write(chunk.toString())
            done()
          },
        })
  }

  /** Writes to stderr as it is; for whoever draws live. */
  raw(text: string): void {
    this.#streams.stderr.write(text)
  }

  #hasColour(stream: TextStream): boolean {
    if (this.#colour !== 'auto') return this.#colour === 'always'
    const { environment } = this.#streams
    if ((environment['NO_COLOR'] ?? '') !== '') return false
    if ((environment['FORCE_COLOR'] ?? '') !== '' && environment['FORCE_COLOR'] !== '0') return true
    return stream.isTTY === true && environment['TERM'] !== 'dumb'
  }
}
