import type { FsckProgress } from '../server/index.ts'
import type { Output } from './output.ts'
import { count } from './render/count.ts'
import { formatBytes } from './render/format-bytes.ts'
import { formatDuration } from './render/format-duration.ts'
import { cutToWidth } from './render/text-width.ts'

const redrawMilliseconds = 100

/** Shows how far a check is: one live line on a terminal, and nothing elsewhere. */
export class FsckProgressLine {
  readonly #output: Output
  #state: FsckProgress | undefined
  #timer: NodeJS.Timeout | undefined
  #isDrawn = false
  #readingSince = 0

  constructor(output: Output) {
    this.#output = output
  }

  /** Starts drawing; call {@link stop} in any case. */
  start(): void {
    if (!this.#output.hasLiveProgress) return
    this.#output.setLive({ clear: () => this.#clear(), draw: () => this.#draw() })
    this.#timer = setInterval(() => this.#draw(), redrawMilliseconds)
    this.#timer.unref()
  }

  show(state: FsckProgress): void {
    if (state.phase === 'contents' && this.#state?.phase !== 'contents') this.#readingSince = Date.now()
    this.#state = state
  }

  /** Removes what was drawn. */
  stop(): void {
    clearInterval(this.#timer)
    this.#clear()
    this.#output.setLive(undefined)
  }

  #clear(): void {
    if (this.#isDrawn) this.#output.raw('\r\u001b[K')
    this.#isDrawn = false
  }

  #draw(): void {
    if (this.#state === undefined) return
    this.#output.raw(`\r${cutToWidth(this.#text(this.#state), this.#output.progressWidth - 1)}\u001b[K`)
    this.#isDrawn = true
  }

  #text(state: FsckProgress): string {
    switch (state.phase) {
      case 'records':
        return `checking records: ${state.records}`
      case 'files':
        return `looking for files that belong to nothing: ${state.files}`
      case 'contents':
        return [
          `reading blobs: ${formatBytes(state.bytes)} / ${formatBytes(state.totalBytes)}`,
          `${state.contents} / ${count(state.totalContents, 'blob')}`,
          ...this.#pace(state.bytes, state.totalBytes),
        ].join('  ')
      default:
        return state satisfies never
    }
  }

  #pace(bytes: number, totalBytes: number): readonly string[] {
    const seconds = (Date.now() - this.#readingSince) / 1000
    if (seconds < 1 || bytes === 0) return []
    const rate = bytes / seconds
    return [`${formatBytes(rate)}/s`, `${formatDuration(Math.max(0, totalBytes - bytes) / rate)} left`]
  }
}
