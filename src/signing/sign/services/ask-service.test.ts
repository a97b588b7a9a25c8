import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { createTransport } from '../../../http/index.ts'
import { SigningServiceError } from '../errors.ts'
import { askService } from './ask-service.ts'

test('an answer that drips ends at the time limit', async () => {
  const server = createServer((_request, response) => {
    const drip = setInterval(() => response.write('x'), 5)
    response.on('close', () => clearInterval(drip))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const transport = createTransport({ environment: {} })
  try {
    const asked = askService({
      transport,
      doing: 'get a certificate',
      method: 'GET',
      url: new URL(`http://127.0.0.1:${port}/`),
      repeatable: false,
      limit: 1_000_000_000,
      timeLimit: 100,
    })
    await expect(asked).rejects.toThrow(SigningServiceError)
    await expect(asked).rejects.toThrow('did not answer whole within 0.1 seconds')
  } finally {
    await transport.close()
    server.closeAllConnections()
    server.close()
  }
})
