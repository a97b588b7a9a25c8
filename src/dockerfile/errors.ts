import { LadingError } from '../errors/index.ts'

/** A file is larger than any Dockerfile is read. */
export class DockerfileTooLargeError extends LadingError<'DOCKERFILE_TOO_LARGE'> {
  constructor(bytes: number, limit: number) {
    super(
      'DOCKERFILE_TOO_LARGE',
      `Cannot read the Dockerfile: it has ${bytes} bytes, at most ${limit} are read`,
      { hint: 'What a heredoc holds can be a file of its own, and be copied.' },
    )
  }
}

/** A word of a Dockerfile cannot be read or has no value: an open quote, `${`, an operator that there is not. */
export class InvalidWordError extends LadingError<'INVALID_DOCKERFILE_WORD'> {
  /** What is wrong, as a part of a sentence. */
  readonly problem: string

  constructor(word: string, problem: string) {
    const shown = word.length > 200 ? `${word.slice(0, 200)}…` : word
    super('INVALID_DOCKERFILE_WORD', `Cannot read ${JSON.stringify(shown)}: ${problem}`)
    this.problem = problem
  }
}
