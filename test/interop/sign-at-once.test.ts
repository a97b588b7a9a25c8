import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildImage } from '../fixtures/build-image.ts'
import { pushToRegistry } from '../fixtures/push-to-registry.ts'
import { startDockerRegistry } from './docker-registry.ts'
import { because, lacks } from './peer.ts'
import { lading, mustLading } from './run-lading.ts'
import { withFolder } from './with-folder.ts'

const image = buildImage()
const peers = ['docker-registry'] as const

describe.skipIf(lacks(...peers))(
  `signatures at a registry without the referrers API${because(...peers)}`,
  () => {
    test.each(['bundle', 'cosign-v2'])('of eight processes that sign at once none is lost, as %s', (format) =>
      withFolder(async (folder) => {
        await using registry = await startDockerRegistry()
        await pushToRegistry(registry.host, { 'app:1': image })
        const name = `${registry.host}/app@${image.descriptor.digest}`
        const keys = await Promise.all(Array.from({ length: 8 }, (_, number) => newKey(folder, number)))
        await Promise.all(
          keys.map((key) =>
            mustLading(['sign', '--no-log', '--format', format, '--key', `${key}.key`, name]),
          ),
        )
        const verified = await Promise.all(
          keys.map((key) => lading(['verify', '--insecure-ignore-tlog', '--key', `${key}.pub`, name])),
        )
        expect(verified.map(({ code }) => code)).toEqual(keys.map(() => 0))
      }),
    )
  },
)

async function newKey(folder: string, number: number): Promise<string> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const path = join(folder, String(number))
  await writeFile(`${path}.key`, privateKey.export({ format: 'pem', type: 'pkcs8' }))
  await writeFile(`${path}.pub`, publicKey.export({ format: 'pem', type: 'spki' }))
  return path
}
