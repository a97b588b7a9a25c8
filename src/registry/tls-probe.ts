import { connect } from 'node:net'

/** Version 3.1 of a TLS handshake record with an empty ClientHello: enough for a TLS server to answer with an alert. The line end lets a server that reads lines answer too. */
const hello = Buffer.from([0x16, 0x03, 0x01, 0x00, 0x04, 0x01, 0x00, 0x00, 0x00, 0x0d, 0x0a, 0x0d, 0x0a])
const handshakeRecord = 0x16
const alertRecord = 0x15

/**
 * Says how a server speaks: `tls`, `plain`, or `unknown` when it says nothing in time or cannot be reached.
 * Costs one connection; nothing of what is asked later is sent. For servers of this machine, as no proxy is asked.
 *
 * @param milliseconds How long to wait.
 */
export async function probeTls(
  hostname: string,
  port: number,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<'tls' | 'plain' | 'unknown'> {
  signal?.throwIfAborted()
  const { promise, resolve } = Promise.withResolvers<'tls' | 'plain' | 'unknown'>()
  const socket = connect({ host: hostname.replaceAll(/[[\]]/g, ''), port })
  const abort = (): void => resolve('unknown')
  signal?.addEventListener('abort', abort, { once: true })
  socket.setTimeout(milliseconds, () => resolve('unknown'))
  socket.on('connect', () => socket.write(hello))
  socket.on('data', (data) => resolve(kindOf(data)))
  socket.on('error', () => resolve('unknown'))
  socket.on('close', () => resolve('unknown'))
  try {
    return await promise
  } finally {
    signal?.removeEventListener('abort', abort)
    socket.destroy()
    signal?.throwIfAborted()
  }
}

function kindOf(data: Buffer): 'tls' | 'plain' | 'unknown' {
  if (data[0] === alertRecord || data[0] === handshakeRecord) return 'tls'
  return data.subarray(0, 5).toString('latin1') === 'HTTP/' ? 'plain' : 'unknown'
}
