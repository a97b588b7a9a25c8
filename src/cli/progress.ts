import type { CopyEvent } from '../content/index.ts'
import type { HttpWait } from '../http/index.ts'
import { type Descriptor, digestHex } from '../oci/index.ts'
import type { Output } from './output.ts'
import { formatBytes } from './render/format-bytes.ts'
import { formatDuration } from './render/format-duration.ts'
import { cutToWidth } from './render/text-width.ts'

const redrawMilliseconds = 100
const rateWindowMilliseconds = 5000
const shownAtOnce = 8
const barWidth = 20

/** Shows how long work goes: on a terminal one live line a transfer, elsewhere a plain line for each that ended. */
export class Progress {
  readonly #output: Output
  readonly #transfers = new Map<string, Transfer>()
  #timer: NodeJS.Timeout | undefined
  #drawnLines = 0
  #step: string | undefined
  #waiting: { readonly text: string; readonly until: number } | undefined

  constructor(output: Output) {
    this.#output = output
  }

  /** Starts drawing; call {@link stop} in any case. */
  start(): void {
    if (!this.#output.hasLiveProgress) return
    this.#output.setLive({ clear: () => this.#clear(), draw: () => this.#draw() })
    this.#timer = setInterval(() => {
      this.#draw()
    }, redrawMilliseconds)
    this.#timer.unref()
  }

  /** Removes what was drawn. */
  stop(): void {
    clearInterval(this.#timer)
    this.#clear()
    this.#output.setLive(undefined)
  }

  /** Follows a copy. */
  onCopy(event: CopyEvent): void {
    switch (event.type) {
      case 'started':
        this.#transfers.set(
          event.descriptor.digest,
          new Transfer(digestHex(event.descriptor.digest).slice(0, 12), event.descriptor.size),
        )
        break
      case 'bytes':
        this.#transfers.get(event.descriptor.digest)?.add(event.count)
        break
      case 'finished':
        this.#finished(event)
        break
      case 'tagged':
        break
      default:
        event satisfies never
    }
  }

  /** Follows a download that is no copy; `end` is called in any case. */
  startReading({ digest, size }: Descriptor): {
    readonly add: (count: number) => void
    readonly end: () => void
  } {
    const transfer = new Transfer(digestHex(digest).slice(0, 12), size)
    this.#transfers.set(digest, transfer)
    return {
      add: (count) => {
        transfer.add(count)
      },
      end: () => {
        this.#transfers.delete(digest)
      },
    }
  }

  /** Shows how far work is that is no transfer: `looked up 12 of 60 images`. Elsewhere than on a terminal nothing is said of it. */
  onStep(text: string): void {
    this.#step = text
  }

  /** Says that a server asked to wait. */
  onWait(wait: HttpWait): void {
    const reason = {
      'rate-limited': 'rate limited',
      'server-error': 'the server failed',
      connection: 'the connection broke',
    }[wait.reason]
    const text = `waiting ${formatDuration(wait.seconds)}: ${reason} by ${wait.host}`
    if (!this.#output.hasLiveProgress) this.#output.note(text.replace(' by ', ' at '))
    else this.#waiting = { text: text.replace(' by ', ' at '), until: Date.now() + wait.seconds * 1000 }
  }

  #finished(event: Extract<CopyEvent, { type: 'finished' }>): void {
    const wasTransfer = this.#transfers.delete(event.descriptor.digest)
    if (wasTransfer && !this.#output.hasLiveProgress) {
      this.#output.note(`copied ${event.descriptor.digest} ${formatBytes(event.descriptor.size)}`)
    }
  }

  #clear(): void {
    if (this.#drawnLines === 0) return
    this.#output.raw(`\r\u001b[${this.#drawnLines}A\u001b[0J`)
    this.#drawnLines = 0
  }

  /** One write a frame, so that nothing flickers: up, each line with the rest of its old self erased, the rest below erased. */
  #draw(): void {
    const width = this.#output.progressWidth - 1
    const lines = this.#lines().map((line) => cutToWidth(line, width))
    const up = this.#drawnLines === 0 ? '' : `\r\u001b[${this.#drawnLines}A`
    if (lines.length === 0 && up === '') return
    this.#output.raw(`${up}${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[0J`)
    this.#drawnLines = lines.length
  }

  #lines(): string[] {
    const transfers = [...this.#transfers.values()]
    const lines = transfers.slice(0, shownAtOnce).map((transfer) => transfer.line())
    if (transfers.length > shownAtOnce) lines.push(`… and ${transfers.length - shownAtOnce} more`)
    if (this.#step !== undefined) lines.push(this.#step)
    if (this.#waiting !== undefined && Date.now() < this.#waiting.until) lines.push(this.#waiting.text)
    return lines
  }
}

/** One blob on its way. */
class Transfer {
  readonly #name: string
  readonly #size: number
  readonly #samples: { readonly at: number; readonly done: number }[] = [{ at: Date.now(), done: 0 }]
  #done = 0

  constructor(name: string, size: number) {
    this.#name = name
    this.#size = size
  }

  add(count: number): void {
    this.#done += count
  }

  line(): string {
    const share = this.#size === 0 ? 1 : Math.min(1, Math.max(0, this.#done / this.#size))
    const filled = Math.round(share * barWidth)
    const bar = `${'━'.repeat(filled)}${'╌'.repeat(barWidth - filled)}`
    const rate = this.#rate()
    const pace =
      rate > 0 ? `  ${formatBytes(rate)}/s  ${formatDuration((this.#size - this.#done) / rate)} left` : ''
    return `${this.#name}  ${bar}  ${formatBytes(this.#done).padStart(8)} / ${formatBytes(this.#size).padEnd(8)}${pace}`
  }

  /** Bytes a second over the last seconds. */
  #rate(): number {
    const now = Date.now()
    this.#samples.push({ at: now, done: this.#done })
    while (this.#samples.length > 2 && now - (this.#samples[0]?.at ?? now) > rateWindowMilliseconds)
      this.#samples.shift()
    const oldest = this.#samples[0]
    return oldest === undefined || now === oldest.at
      ? 0
      : ((this.#done - oldest.done) * 1000) / (now - oldest.at)
  }
}
