import type { CliContext } from './context.ts'

/** Writes bytes to standard output as they are; ends when they are handed over. */
export async function writeStdout(context: Pick<CliContext, 'stdout'>, bytes: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  context.stdout().write(bytes, (error) => {
    if (error === null || error === undefined) resolve()
    else reject(error)
  })
  await promise
}
