import { connect, type Socket } from 'node:net'
import { parseArgs } from 'node:util'

/**
 * `head-client.ts --host HOST --path PATH --connections N --seconds N`: asks with HEAD over and over, the next request
 * on a connection when the answer is there, and prints the answers a second. wrk waits for the body that an answer to
 * HEAD has not.
 */
async function ask(): Promise<void> {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '' },
      path: { type: 'string', default: '' },
      connections: { type: 'string', default: '8' },
      seconds: { type: 'string', default: '2' },
    },
  })
  const request = `HEAD ${values.path} HTTP/1.1\r\nHost: ${values.host}\r\n\r\n`
  const milliseconds = Number(values.seconds) * 1000
  const end = performance.now() + milliseconds
  const counts = await Promise.all(
    Array.from({ length: Number(values.connections) }, async () => countAnswers(values.host, request, end)),
  )
  console.log(counts.reduce((sum, count) => sum + count, 0) / Number(values.seconds))
}

/** Resolves with the number of answers that came before `end`. */
function countAnswers(host: string, request: string, end: number): Promise<number> {
  const [address = '', port = ''] = host.split(':')
  return new Promise((resolve, reject) => {
    let count = 0
    let rest = ''
    const socket: Socket = connect(Number(port), address, () => socket.write(request))
    socket.setNoDelay().setEncoding('latin1')
    socket.on('error', reject)
    socket.on('data', (text: string) => {
      rest += text
      if (!rest.endsWith('\r\n\r\n')) return
      if (!rest.startsWith('HTTP/1.1 200 ')) {
        reject(new Error(rest.slice(0, rest.indexOf('\r\n'))))
        socket.destroy()
        return
      }
      rest = ''
      if (performance.now() > end) {
        socket.destroy()
        resolve(count)
        return
      }
      count += 1
      socket.write(request)
    })
  })
}

await ask()
