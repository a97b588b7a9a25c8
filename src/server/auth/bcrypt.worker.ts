import { parentPort } from 'node:worker_threads'
import { compareSync } from 'bcryptjs'

/** A question to this thread: is the password what was hashed? It answers each with `true` or `false`, in order. */
export interface BcryptQuestion {
  readonly password: string
  readonly hash: string
}

parentPort?.on('message', ({ password, hash }: BcryptQuestion) => {
  parentPort?.postMessage(compareSync(password, hash))
})
