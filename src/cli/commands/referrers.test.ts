import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  buildArtifact,
  buildImage,
  buildIndex,
  content,
  type FixtureImage,
  jsonContent,
  jsonDescriptor,
} from '../../../test/fixtures/build-image.ts'
import { startServer } from '../../../test/fixtures/http-server.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { pushToRegistry } from '../../../test/fixtures/push-to-registry.ts'
import { runCli } from '../../../test/fixtures/run-cli.ts'
import {
  bundleReferrer,
  cosignImage,
  cosignSignature,
  simpleSigningPayload,
} from '../../../test/fixtures/signed-image.ts'
import { keyPair } from '../../../test/fixtures/sigstore/key-pair.ts'
import { githubSigner } from '../../../test/fixtures/sigstore/signer.ts'
import { sigstoreInstance } from '../../../test/fixtures/sigstore/sigstore-instance.ts'

const amd64 = buildImage({ layers: [{ a: '1' }] })
const arm64 = buildImage({ layers: [{ a: '2' }], platform: { os: 'linux', architecture: 'arm64' } })
const attestation = withLayers({
  config: 'application/vnd.oci.image.config.v1+json',
  layers: [
    {
      type: 'application/vnd.in-toto+json',
      annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v1' },
    },
    {
      type: 'application/vnd.in-toto+json',
      annotations: { 'in-toto.io/predicate-type': 'https://spdx.dev/Document' },
    },
  ],
})
const index = buildIndex([amd64, arm64, entryFor(attestation, amd64)])
const sbom = buildArtifact({
  artifactType: 'application/spdx+json',
  subject: index.descriptor,
  annotations: { 'org.opencontainers.image.created': '2026-01-02T03:04:05Z' },
})
const bundle = buildArtifact({
  artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  subject: sbom.descriptor,
  annotations: { 'dev.sigstore.bundle.predicateType': 'https://sigstore.dev/cosign/sign/v1' },
})
const signature = withLayers({
  config: 'application/vnd.oci.image.config.v1+json',
  layers: [{ type: 'application/vnd.dev.cosign.simplesigning.v1+json', annotations: {} }],
})
const signatureTag = `${tagFor(amd64)}.sig`

describe.each([
  ['a registry with the referrers API', true],
  ['a registry with fallback tags', false],
])('lading referrers, at %s', (_, referrers) => {
  let registry: MemoryRegistry
  let name: string

  beforeAll(async () => {
    registry = await startMemoryRegistry({ referrers })
    name = `${registry.host}/team/app`
    await pushToRegistry(registry.host, {
      'team/app:1': index,
      'team/app': sbom,
      [`team/app:${signatureTag}`]: signature,
      'team/bare:1': amd64,
    })
    await pushToRegistry(registry.host, { 'team/app': bundle })
  })

  afterAll(async () => {
    await registry.close()
  })

  test('draws what is attached to what', async () => {
    const { stdout, stderr, exitCode } = await runCli(['referrers', `${name}:1`])
    expect(stdout.replace(/\d+(?:\.\d+)? K?B(?=\s)/g, 'SIZE').split('\n')).toEqual([
      `${name}:1`,
      `│ ${index.descriptor.digest}`,
      '├─ application/spdx+json  SIZE  2026-01-02T03:04:05Z',
      `│  │ ${sbom.descriptor.digest}`,
      '│  └─ application/vnd.dev.sigstore.bundle.v0.3+json  SIZE',
      '│     predicate https://sigstore.dev/cosign/sign/v1',
      `│     ${bundle.descriptor.digest}`,
      '├─ linux/amd64',
      `│  │ ${amd64.descriptor.digest}`,
      "│  ├─ application/vnd.dev.cosign.simplesigning.v1+json  SIZE  by cosign's tag ….sig",
      `│  │  ${signature.descriptor.digest}`,
      '│  └─ application/vnd.in-toto+json  SIZE  in the index',
      '│     predicate https://slsa.dev/provenance/v1',
      '│     predicate https://spdx.dev/Document',
      `│     ${attestation.descriptor.digest}`,
      '└─ linux/arm64  nothing attached',
      '',
    ])
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  })

  test('gives programs one object', async () => {
    const { stdout } = await runCli(['referrers', '--json', `${name}:1`])
    expect(JSON.parse(stdout)).toMatchObject({
      image: `${name}:1`,
      name: `${name}@${index.descriptor.digest}`,
      attached: [
        {
          type: 'application/spdx+json',
          via: 'referrer',
          tag: null,
          size: sizeOf(sbom),
          created: '2026-01-02T03:04:05Z',
          attached: [{ digest: bundle.descriptor.digest, attached: [] }],
        },
      ],
      platforms: [
        {
          platform: 'linux/amd64',
          attached: [
            { via: 'tag', tag: signatureTag, size: sizeOf(signature) },
            { via: 'index', predicateTypes: ['https://slsa.dev/provenance/v1', 'https://spdx.dev/Document'] },
          ],
        },
        { platform: 'linux/arm64', attached: [] },
      ],
    })
  })

  test('shows one type, with what it hangs on', async () => {
    const type = 'application/vnd.dev.sigstore.bundle.v0.3+json'
    const { stdout } = await runCli(['referrers', '--artifact-type', type, `${name}:1`])
    expect(stdout).toContain('└─ application/spdx+json')
    expect(stdout).toContain(bundle.descriptor.digest)
    expect(stdout).not.toContain('linux/amd64')
  })

  test('gives scripts what they asked for alone', async () => {
    const { stdout } = await runCli([
      'referrers',
      '--quiet',
      '--artifact-type',
      'application/vnd.dev.sigstore.bundle.v0.3+json',
      `${name}:1`,
    ])
    expect(stdout).toBe(`${name}@${bundle.descriptor.digest}\n`)
  })

  test('shows one platform', async () => {
    const { stdout } = await runCli(['referrers', '--platform', 'linux/arm64', '--json', `${name}:1`])
    expect(JSON.parse(stdout)).toMatchObject({ platforms: [{ digest: arm64.descriptor.digest }] })
  })

  test('says plainly when there is nothing', async () => {
    const { stdout, stderr, exitCode } = await runCli(['referrers', `${registry.host}/team/bare:1`])
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: '',
      stderr: `Nothing is attached to ${registry.host}/team/bare:1\n`,
      exitCode: 0,
    })
  })
})

test('lading referrers shows who claims to have signed, unverified', async () => {
  const registry = await startMemoryRegistry()
  const instance = sigstoreInstance()
  const signer = githubSigner('me/app')
  const key = keyPair()
  const payload = simpleSigningPayload('sha256:of another image')
  try {
    await pushToRegistry(registry.host, {
      'app:1': amd64,
      'app:bundle': bundleReferrer(instance.attest(signer, { subjects: [arm64.descriptor.digest] }), amd64),
      [`app:${signatureTag}`]: cosignImage([
        cosignSignature(instance, { key }, payload),
        cosignSignature(instance, { key }, payload),
      ]),
    })
    const { stdout, stderr } = await runCli(['referrers', `${registry.host}/app:1`])
    expect(stderr).toBe('')
    expect(stdout).toContain(
      `claims to be signed by ${signer.identity}, says https://token.actions.githubusercontent.com (unverified)`,
    )
    expect(stdout.match(/claims to be signed with a key \(unverified\)/g)).toHaveLength(1)
    const json = await runCli(['referrers', '--json', `${registry.host}/app:1`])
    expect(JSON.parse(json.stdout)).toMatchObject({
      attached: [
        { claims: [{ identity: signer.identity, issuer: 'https://token.actions.githubusercontent.com' }] },
        { claims: [{ identity: null, issuer: null }] },
      ],
    })
  } finally {
    await registry.close()
  }
})

test('lading referrers ends where tags attach an image to itself', async () => {
  const registry = await startMemoryRegistry()
  try {
    await pushToRegistry(registry.host, {
      'app:1': amd64,
      [`app:${tagFor(amd64)}.sig`]: arm64,
      [`app:${tagFor(amd64)}.att`]: amd64,
      [`app:${tagFor(arm64)}.sig`]: amd64,
    })
    const { stdout } = await runCli(['referrers', '--quiet', `${registry.host}/app:1`])
    expect(stdout).toBe(`${registry.host}/app@${arm64.descriptor.digest}\n`)
  } finally {
    await registry.close()
  }
})

test('lading referrers fails, and does not say "nothing", when a listing fails', async () => {
  await using server = await startServer((request, response) => {
    const path = request.url ?? ''
    if (path === '/v2/') response.writeHead(200).end()
    else if (path.startsWith('/v2/app/manifests/1') || path.endsWith(amd64.descriptor.digest)) {
      const isManifest = path.includes('/manifests/')
      response.writeHead(isManifest ? 200 : 403, { 'content-type': amd64.descriptor.mediaType })
      response.end(request.method === 'HEAD' || !isManifest ? undefined : amd64.bytes)
    } else response.writeHead(path.includes('/manifests/') ? 404 : 403).end()
  })
  const { stdout, stderr, exitCode } = await runCli(['referrers', `127.0.0.1:${server.port}/app:1`])
  expect(stderr).toMatch(/^error: Cannot .*referrers/)
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 3 })
})

function withLayers(parts: {
  readonly config: string
  readonly layers: readonly {
    readonly type: string
    readonly annotations: Readonly<Record<string, string>>
  }[]
}): FixtureImage {
  const config = jsonContent(parts.config, {
    architecture: '',
    os: '',
    config: {},
    rootfs: { type: 'layers', diff_ids: [] },
  })
  const layers = parts.layers.map(({ type, annotations }, at) => {
    const made = content(type, Buffer.from(`layer ${at} of ${type}`))
    return { ...made, descriptor: { ...made.descriptor, annotations } }
  })
  const manifest = jsonContent('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: jsonDescriptor(config.descriptor),
    layers: layers.map(({ descriptor }) => jsonDescriptor(descriptor)),
  })
  return {
    ...manifest,
    contents: [config, ...layers, manifest],
    images: [],
    layers: layers.map(({ descriptor }) => descriptor),
  }
}

function entryFor(attestationImage: FixtureImage, subject: FixtureImage): FixtureImage {
  return {
    ...attestationImage,
    descriptor: {
      ...attestationImage.descriptor,
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: {
        'vnd.docker.reference.type': 'attestation-manifest',
        'vnd.docker.reference.digest': subject.descriptor.digest,
      },
    },
  }
}

/** As cosign writes a digest where it is a tag. */
function tagFor(image: FixtureImage): string {
  return image.descriptor.digest.replace(':', '-')
}

function sizeOf(image: FixtureImage): number {
  return image.contents.reduce((sum, { bytes }) => sum + bytes.length, 0)
}
