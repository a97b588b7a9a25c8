import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildImage } from '../fixtures/build-image.ts'
import { bundleReferrer } from '../fixtures/signed-image.ts'
import { githubSigner } from '../fixtures/sigstore/signer.ts'
import { sigstoreInstance } from '../fixtures/sigstore/sigstore-instance.ts'
import { writeLayout } from '../fixtures/write-layout.ts'
import { startLading } from './lading-process.ts'

const instance = sigstoreInstance()
const signer = githubSigner('me/app')
const image = buildImage()
const bundle = instance.attest(signer, { subjects: [image.descriptor.digest] })
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-verify-'))
  await writeFile(join(folder, 'root.json'), JSON.stringify(instance.trustedRoot))
  await writeLayout(join(folder, 'images'), { signed: image, '': bundleReferrer(bundle, image) })
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

test.each([
  [0, 'yes', ['--owner', 'me']],
  [1, 'no', ['--owner', 'you']],
  [2, 'wrong usage', ['--owner', 'me', '--repo', 'me/app']],
  [2, 'nobody to trust', []],
  [3, 'a file that is not there', ['--owner', 'me', '--bundle', '/nonexistent/bundle.json']],
])('lading verify exits with %i for %s', async (code, _, flags) => {
  const { exit } = startLading([
    'verify',
    '--offline',
    ...flags,
    '--trusted-root',
    join(folder, 'root.json'),
    `oci:${join(folder, 'images')}:signed`,
  ])
  expect(await exit).toMatchObject({ code })
})
