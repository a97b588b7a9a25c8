/** Does `work` for each, some at once. After the first that fails nothing more begins; what runs is waited for. */
export async function eachAtOnce(
  items: readonly string[],
  atOnce: number,
  work: (item: string) => Promise<void>,
): Promise<void> {
  const waiting = [...items].toReversed()
  const run = async (): Promise<void> => {
    try {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await work(next)
    } catch (error) {
      waiting.length = 0
      throw error
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, run))
  for (const one of ended) if (one.status === 'rejected') throw one.reason
}
