import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { buildImage } from '../../test/fixtures/build-image.ts'
import { startDockerRegistry } from '../../test/interop/docker-registry.ts'
import { uploadImage } from '../../test/interop/upload-image.ts'
import type { BenchCase } from '../bench-case.ts'
import { compare } from '../compare.ts'
import { measureInTurn } from '../measure.ts'
import { lading } from '../peer-commands.ts'

const node = process.execPath

/** `--version` against a Node.js that does nothing: what starting costs. */
export const version: BenchCase = {
  name: 'version',
  async run({ rounds }) {
    const measured = await measureInTurn(
      [
        { name: lading.name, command: () => lading.run('--version') },
        { name: 'node -e 0', command: () => `${node} -e 0` },
      ],
      rounds * 2,
    )
    return compare('--version', 'time', measured, { atMost: 2 })
  },
}

/** The one request that a resolve makes, by node:http and nothing else. */
const bareRequest = `const [host] = process.argv.slice(2)
require('node:http').request('http://' + host + '/v2/app/manifests/one', {
  method: 'HEAD',
  headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
}, (answer) => {
  answer.resume()
  answer.on('end', () => console.log(answer.headers['docker-content-digest']))
}).end()
`

/** Processor time of a resolve against that of a script that makes the same request. */
export const resolve: BenchCase = {
  name: 'resolve',
  async run({ rounds, folder }) {
    await using registry = await startDockerRegistry({ seconds: 3600 })
    await uploadImage(registry.host, 'app', 'one', buildImage())
    const script = join(folder, 'request.cjs')
    await writeFile(script, bareRequest)
    const measured = await measureInTurn(
      [
        { name: lading.name, command: () => lading.run('resolve', '--quiet', `${registry.host}/app:one`) },
        { name: 'bare node:http', command: () => `${node} ${script} ${registry.host}` },
      ],
      rounds * 2,
    )
    return compare('resolve a tag', 'CPU', measured, { atMost: 1.6 })
  },
}
