/** A system call as strace saw it. */
export interface SystemCall {
  readonly name: string
  /** Its arguments and result, as strace writes them. */
  readonly text: string
  /** Places in the trace: a call that others interrupt begins before it ends. */
  readonly begun: number
  readonly ended: number
}

/** Words that make strace write what {@link parseStrace} reads; the program keeps its own process id. */
export function straceWords(file: string, calls: readonly string[]): readonly string[] {
  return ['-D', '-f', '-y', '-s', '64', '-e', `trace=${calls.join(',')}`, '-o', file]
}

/** Reads a trace of all threads, in the order in which the calls ended. */
export function parseStrace(trace: string): readonly SystemCall[] {
  const unfinished = new Map<
    string,
    { readonly name: string; readonly text: string; readonly begun: number }
  >()
  const calls: SystemCall[] = []
  for (const [place, line] of trace.split('\n').entries()) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/.exec(rest)
    const begun = /^(\w+)\((.*?)(<unfinished \.\.\.>)?$/.exec(rest)
    if (resumed !== null) {
      const start = unfinished.get(thread)
      unfinished.delete(thread)
      if (start !== undefined) calls.push({ ...start, text: start.text + (resumed[2] ?? ''), ended: place })
    } else if (begun !== null) {
      const [, name = '', text = '', open] = begun
      if (open === undefined) calls.push({ name, text, begun: place, ended: place })
      else unfinished.set(thread, { name, text, begun: place })
    }
  }
  return calls
}
