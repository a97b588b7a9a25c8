import { createServer, type Server } from 'node:http'
import { once } from 'node:events'

/** Answers every request with the same small body: what `node:http` can do at most. Runs as a process: `bare-server.ts PORT BYTES`. */
async function serve(port: number, size: number): Promise<Server> {
  const body = Buffer.alloc(size, 'x')
  const headers = {
    'Content-Type': 'application/vnd.oci.image.manifest.v1+json',
    'Content-Length': body.length,
  }
  const server = createServer((_request, response) => {
    response.writeHead(200, headers)
    response.end(body)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const [port = '', size = ''] = process.argv.slice(2)
await serve(Number(port), Number(size))
