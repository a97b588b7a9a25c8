import { createLimiter } from '../content/index.ts'
import { errorJson, type ErrorJson } from './error-json.ts'

/** What came of work on several images: one that failed does not stop the others. */
export interface Settled<Result> {
  /** Of those that went well, in the order of the images. */
  readonly results: readonly Result[]
  readonly errors: readonly { readonly image: string; readonly error: unknown }[]
}

/**
 * Works on several images, eight at a time.
 *
 * @param images each with the text that errors are reported under
 * @throws the reason of `signal`, and nothing else.
 */
export async function settleEach<Item extends { readonly text: string }, Result>(
  images: readonly Item[],
  work: (image: Item) => Promise<Result>,
  signal: AbortSignal,
): Promise<Settled<Result>> {
  const limiter = createLimiter(8)
  const outcomes = await Promise.allSettled(
    images.map((image) =>
      limiter.run(() => {
        signal.throwIfAborted()
        return work(image)
      }),
    ),
  )
  signal.throwIfAborted()
  return {
    results: outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
    errors: outcomes.flatMap((outcome, index) => {
      if (outcome.status === 'fulfilled') return []
      const error: unknown = outcome.reason
      return [{ image: images[index]?.text ?? '', error }]
    }),
  }
}

/** The `errors` of a `--json` answer; absent where there are none. */
export function errorsJson(errors: Settled<unknown>['errors']): {
  readonly errors?: readonly ({ readonly image: string } & ErrorJson)[]
} {
  if (errors.length === 0) return {}
  return { errors: errors.map(({ image, error }) => ({ image, ...errorJson(error) })) }
}
