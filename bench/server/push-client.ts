import { createCipheriv, createHash } from 'node:crypto'
import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { parseArgs } from 'node:util'

/** A blob that no registry has yet. */
interface PreparedBlob {
  readonly head: Buffer
  readonly rest: Buffer
  readonly digest: string
}

/**
 * `push-client.ts --host HOST --size BYTES --at-once N --count N --seed TEXT`: pushes blobs by POST and
 * PUT, as docker and crane do, and prints the milliseconds from the first request to the last 201. Bytes and digests
 * are made before.
 */
async function push(): Promise<void> {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '' },
      size: { type: 'string', default: '' },
      'at-once': { type: 'string', default: '1' },
      count: { type: 'string', default: '1' },
      seed: { type: 'string', default: '' },
    },
  })
  const atOnce = Number(values['at-once'])
  const blobs = prepareBlobs(Number(values.size), Number(values.count), values.seed)
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const started = process.hrtime.bigint()
  await Promise.all(
    Array.from({ length: atOnce }, async (_, worker) => {
      for (let number = worker; number < blobs.length; number += atOnce) {
        const blob = blobs[number]
        if (blob === undefined) return
        await pushBlob(agent, values.host, blob)
      }
    }),
  )
  console.log(Number(process.hrtime.bigint() - started) / 1e6)
  agent.destroy()
}

/** Blobs that differ in their first bytes: the rest is in memory once. */
function prepareBlobs(size: number, count: number, seed: string): readonly PreparedBlob[] {
  const key = createHash('md5').update(seed).digest()
  const rest = createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size - 16))
  return Array.from({ length: count }, (_, number) => {
    const head = createHash('md5').update(`${seed} ${number}`).digest()
    return { head, rest, digest: `sha256:${createHash('sha256').update(head).update(rest).digest('hex')}` }
  })
}

async function pushBlob(agent: Agent, host: string, { head, rest, digest }: PreparedBlob): Promise<void> {
  const start = await ask(agent, 'POST', `http://${host}/v2/bench/push/blobs/uploads/`, 202, [])
  const location = new URL(start.headers.location ?? '', `http://${host}`)
  location.searchParams.set('digest', digest)
  await ask(agent, 'PUT', location.href, 201, [head, rest])
}

/** In pieces, so that the kernel's buffers and not ours say how fast it goes. */
const pieceBytes = 1 << 18

async function ask(
  agent: Agent,
  method: string,
  url: string,
  expected: number,
  body: readonly Buffer[],
): Promise<IncomingMessage> {
  const length = body.reduce((sum, part) => sum + part.length, 0)
  const sent = request(url, { agent, method, headers: { 'content-length': length } })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve).once('error', reject)
  })
  answered.catch(() => {})
  for (const part of body) {
    for (let start = 0; start < part.length; start += pieceBytes) {
      if (!sent.write(part.subarray(start, start + pieceBytes))) await once(sent, 'drain')
    }
  }
  sent.end()
  const response = await answered
  let said = ''
  for await (const chunk of response) said += String(chunk)
  if (response.statusCode !== expected) throw new Error(`${method} ${url}: ${response.statusCode} ${said}`)
  return response
}

await push()
