/** Waits for all, so that nothing runs on unseen, then rejects with the error that came first. */
export async function allOrFirstError<Result>(
  promises: readonly Promise<Result>[],
): Promise<readonly Result[]> {
  let first: { readonly error: unknown } | undefined
  await Promise.all(
    promises.map(async (promise) => {
      try {
        await promise
      } catch (error) {
        first ??= { error }
      }
    }),
  )
  if (first !== undefined) throw first.error
  return Promise.all(promises)
}
