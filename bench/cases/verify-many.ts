import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildImage } from '../../test/fixtures/build-image.ts'
import { pushToRegistry } from '../../test/fixtures/push-to-registry.ts'
import { startServe } from '../../test/fixtures/serve-process.ts'
import { bundleReferrer } from '../../test/fixtures/signed-image.ts'
import { githubSigner } from '../../test/fixtures/sigstore/signer.ts'
import { sigstoreInstance } from '../../test/fixtures/sigstore/sigstore-instance.ts'
import { ladingPath } from '../../test/interop/run-lading.ts'
import type { BenchCase } from '../bench-case.ts'
import { measureInTurn } from '../measure.ts'
import { lading } from '../peer-commands.ts'
import { formatTime } from '../report.ts'
import { median } from '../statistics.ts'

const count = 100
const mostMilliseconds = 3000

/** A hundred signed images of a registry on this machine, by the rules of one project. */
export const verifyMany: BenchCase = {
  name: 'verify-many',
  async run({ rounds, folder }) {
    await using registry = await startServe({ command: [process.execPath, ladingPath], seconds: 3600 })
    const names = await pushSignedImages(registry.host, join(folder, 'trusted_root.json'))
    const policy = join(folder, 'lading.yaml')
    await writeFile(policy, `trust: {rules: [{images: '**', signers: [{github: {repository: me/app}}]}]}\n`)
    const flags = ['--policy', policy, '--trusted-root', join(folder, 'trusted_root.json')]
    const command = (): string => lading.run('verify', '--quiet', ...flags, ...names)
    const [measured] = await measureInTurn([{ name: lading.name, command }], Math.min(rounds, 9))
    const runs = measured?.runs ?? []
    const wall = median(runs.map((run) => run.wall))
    const row = { work: `verify ${count} images by a policy`, peer: '', theirs: '', ratio: '' }
    return [
      {
        ...row,
        measure: 'time',
        lading: formatTime(wall),
        goal: `≤ ${formatTime(mostMilliseconds)}: ${wall <= mostMilliseconds ? 'reached' : 'missed'}`,
      },
      { ...row, measure: 'CPU', lading: formatTime(median(runs.map((run) => run.cpu))), goal: '' },
    ]
  },
}

/** Each in a repository of its own, with provenance beside it; gives their names. */
async function pushSignedImages(host: string, trustedRoot: string): Promise<readonly string[]> {
  const instance = sigstoreInstance()
  await writeFile(trustedRoot, JSON.stringify(instance.trustedRoot))
  const signer = githubSigner('me/app')
  const repositories = Array.from({ length: count }, (_, number) => `set/app-${number}`)
  for (const repository of repositories) {
    const image = buildImage({ layers: [{ name: repository }] })
    const bundle = instance.attest(signer, { subjects: [image.descriptor.digest] })
    await pushToRegistry(host, {
      [`${repository}:1`]: image,
      [`${repository}:attestation`]: bundleReferrer(bundle, image),
    })
  }
  return repositories.map((repository) => `${host}/${repository}:1`)
}
