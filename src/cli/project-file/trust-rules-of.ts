import { resolve } from 'node:path'
import {
  type AcceptedSigner,
  githubIssuer,
  parseImagePattern,
  predicateType,
  type ProvenanceConditions,
  type TrustRule,
  type TrustRules,
} from '../../signing/index.ts'
import { parseDuration } from '../registry-file/quantities.ts'
import { patternsOf } from './image-patterns.ts'
import { isPathInRepository } from './signer-schema.ts'
import { sourceRepositoryUrl } from './source-repository-url.ts'
import type {
  GithubSection,
  ProvenanceSection,
  RuleSection,
  SignerSection,
  TrustSection,
} from './trust-section.ts'

/** How {@link trustRulesOf} gets at keys. */
export interface TrustRulesOptions {
  /** The folder that `lading.yaml` lies in. */
  readonly folder: string
  /** Gives the text of a public key's file. */
  readonly readKey: (path: string) => Promise<string>
}

/**
 * The rules that `trust:` means; its schema was checked.
 *
 * @throws what `readKey` throws.
 */
export async function trustRulesOf(section: TrustSection, options: TrustRulesOptions): Promise<TrustRules> {
  const rules: TrustRule[] = []
  for (const rule of section.rules ?? []) rules.push(await ruleOf(rule, options))
  return { default: section.default ?? 'accept-first-use', rules }
}

async function ruleOf(section: RuleSection, options: TrustRulesOptions): Promise<TrustRule> {
  const images = patternsOf(section).map((text) => parseImagePattern(text))
  const { maxAge, predicates = [], provenance, search, signers = [], unsigned } = section
  if (unsigned === 'allow') return { kind: 'unsigned', images }
  const { need, sections } = signersOf(signers)
  const of: AcceptedSigner[] = []
  for (const one of sections) of.push(await signerOf(one, options))
  return {
    kind: 'signed',
    images,
    signers: { need, of },
    predicateTypes: [...new Set(predicates.flatMap((text) => predicateType(text) ?? []))],
    provenance: provenance === undefined ? undefined : conditionsOf(provenance),
    maxAge: maxAge === undefined ? undefined : parseDuration(maxAge),
    search,
  }
}

function signersOf(section: NonNullable<RuleSection['signers']>): {
  readonly need: 'any' | 'all'
  readonly sections: readonly SignerSection[]
} {
  if (Array.isArray(section)) return { need: 'any', sections: section }
  return section.all === undefined
    ? { need: 'any', sections: section.any ?? [] }
    : { need: 'all', sections: section.all }
}

async function signerOf(
  section: SignerSection,
  { folder, readKey }: TrustRulesOptions,
): Promise<AcceptedSigner> {
  const { github, identity, identityPattern, insecureIgnoreTlog, issuer = '', key } = section
  if (github !== undefined) return githubSigner(github)
  if (key !== undefined) {
    const publicKeyPem = await readKey(resolve(folder, key))
    const unlogged = insecureIgnoreTlog === true ? { unlogged: true } : {}
    return { name: `the key ${key}`, policy: { kind: 'key', publicKeyPem, ...unlogged } }
  }
  return {
    name: identity ?? identityPattern ?? '',
    policy: {
      kind: 'identity',
      identity: identityPattern === undefined ? { exact: identity ?? '' } : { pattern: identityPattern },
      issuer: { exact: issuer },
    },
  }
}

function githubSigner({ owner, ref, repository, workflow }: GithubSection): AcceptedSigner {
  const [ownerOfRepository = '', name] = repository?.split('/') ?? []
  const whole =
    workflow !== undefined && isPathInRepository(workflow) ? `${repository ?? ''}/${workflow}` : workflow
  return {
    name: ['GitHub', repository ?? owner, ...(ref === undefined ? [] : ['at', ref])].join(' '),
    policy: {
      kind: 'identity',
      identity: { pattern: 'https://github.com/*' },
      issuer: { exact: githubIssuer },
    },
    github: {
      owner: owner ?? ownerOfRepository,
      repository: name,
      signer: whole === undefined ? undefined : { kind: 'workflow', workflow: whole },
      sourceRef: ref === undefined ? undefined : conditionOf(ref),
    },
  }
}

function conditionsOf({ builder, ref, sourceRepository, ...same }: ProvenanceSection): ProvenanceConditions {
  return {
    ...same,
    sourceRepository: sourceRepository === undefined ? undefined : sourceRepositoryUrl(sourceRepository),
    ref: ref === undefined ? undefined : conditionOf(ref),
    builder: builder === undefined ? undefined : conditionOf(builder),
  }
}

/** Neither a ref nor a builder has a `*` of its own. */
function conditionOf(text: string): { readonly exact: string } | { readonly pattern: string } {
  return text.includes('*') ? { pattern: text } : { exact: text }
}
