import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { conformanceMissing, readConformanceCase } from '../../test/fixtures/sigstore-conformance.ts'
import { digestOf, parseReference } from '../oci/index.ts'
import type { Evidence } from './evidence/evidence.ts'
import { judgeImage } from './judge-image.ts'
import { githubIssuer } from './policy/github-criteria.ts'
import { parseImagePattern } from './policy/image-pattern.ts'
import type { ProvenanceConditions, SignedRule } from './policy/trust-rules.ts'
import { builtInTrust } from './trust/built-in-trust.ts'

/** The certificate is of the suite's own workflow; the predicate is GitHub's, of a build in another repository. */
const path = '.github/workflows/extremely-dangerous-oidc-beacon.yml'
const certified = 'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon'
const stated = 'https://github.com/loosebazooka/aa-test'

test.skipIf(conformanceMissing !== undefined).each<[string, ProvenanceConditions, string | undefined]>([
  ['what both say', { runner: 'github-hosted', ref: { exact: 'refs/heads/main' } }, undefined],
  [
    'what the predicate alone can say',
    {
      buildType: 'https://actions.github.io/buildtypes/workflow/v1',
      builder: { exact: `${stated}/.github/workflows/provenance.yaml@refs/heads/main` },
    },
    undefined,
  ],
  ['the source of the certificate', { sourceRepository: certified }, 'source-repository'],
  ['the source of the predicate', { sourceRepository: stated }, 'source-repository'],
  ['the workflow of the certificate', { workflow: path }, 'workflow'],
  ['the workflow of the predicate', { workflow: '.github/workflows/provenance.yaml' }, 'workflow'],
])(
  'real provenance that its certificate does not agree with, held against %s',
  async (_, provenance, check) => {
    const { artifactPath, bundlePath } = await readConformanceCase('happy-path-intoto-in-dsse-v3')
    const bundle: unknown = JSON.parse(await readFile(bundlePath, 'utf8'))
    const evidence: Evidence = {
      place: { kind: 'file', path: bundlePath, line: 1 },
      subjects: [digestOf(await readFile(artifactPath))],
      content: { kind: 'bundle', bundle },
    }
    const verdict = await judgeImage({
      reference: parseReference('ghcr.io/sigstore-conformance/a'),
      evidence: [evidence],
      rules: { default: 'require', rules: [ruleWith(provenance)] },
      trust: await builtInTrust(),
      now: new Date('2026-01-01T00:00:00Z'),
    })
    expect(verdict).toMatchObject(
      check === undefined
        ? { decision: 'verified', rejected: [] }
        : { decision: 'refused', rejected: [{ failure: { check } }] },
    )
  },
)

function ruleWith(provenance: ProvenanceConditions): SignedRule {
  return {
    kind: 'signed',
    images: [parseImagePattern('ghcr.io/sigstore-conformance/*')],
    signers: {
      need: 'any',
      of: [
        {
          name: 'GitHub',
          policy: {
            kind: 'identity',
            identity: { pattern: 'https://github.com/*' },
            issuer: { exact: githubIssuer },
          },
          github: { owner: 'Sigstore-Conformance' },
        },
      ],
    },
    predicateTypes: ['https://slsa.dev/provenance/v1'],
    provenance,
  }
}
