import { asRecord } from '../evidence/read-json.ts'
import type { CertificateClaims, Statement, Verified } from '../types.ts'
import { slsaProvenance, slsaProvenance02 } from './predicate-types.ts'
import { parseSourceUri } from './parse-source-uri.ts'

/**
 * What is said of where something comes from: nothing, one text by each who says it, or something that is no text and fulfils nothing.
 */
export interface ProvenanceFacts {
  readonly sourceRepository: readonly Fact[]
  readonly ref: readonly Fact[]
  /** Paths in the source repository. */
  readonly workflow: readonly Fact[]
  readonly builder: readonly Fact[]
  readonly runner: readonly Fact[]
  readonly buildType: readonly Fact[]
}

/** One who says it, for messages, and what he says; undefined: it is there, and is no text that can be read. */
export interface Fact {
  readonly by: 'the certificate' | 'the provenance'
  readonly value: string | undefined
}

/** What the certificate and the SLSA predicate say. Predicates of other types say nothing. */
export function provenanceFacts({
  signer,
  statement,
}: Pick<Verified, 'signer' | 'statement'>): ProvenanceFacts {
  const certified = signer.kind === 'certificate' ? certifiedFacts(signer.claims) : noFacts
  const stated = statement === undefined ? noFacts : statedFacts(statement)
  return {
    sourceRepository: [...certified.sourceRepository, ...stated.sourceRepository],
    ref: [...certified.ref, ...stated.ref],
    workflow: [...certified.workflow, ...stated.workflow],
    builder: [...certified.builder, ...stated.builder],
    runner: [...certified.runner, ...stated.runner],
    buildType: [...certified.buildType, ...stated.buildType],
  }
}

const noFacts: ProvenanceFacts = {
  sourceRepository: [],
  ref: [],
  workflow: [],
  builder: [],
  runner: [],
  buildType: [],
}

/** Fulcio's extensions .11, .12, .14 and .18, which is the top-level workflow with its ref. */
function certifiedFacts(claims: CertificateClaims): ProvenanceFacts {
  const { buildConfigUri, sourceRepositoryUri } = claims
  return {
    ...noFacts,
    sourceRepository: certifiedFact(sourceRepositoryUri),
    ref: certifiedFact(claims.sourceRepositoryRef),
    workflow: certifiedFact(
      buildConfigUri === undefined ? undefined : workflowPath(buildConfigUri, sourceRepositoryUri),
    ),
    runner: certifiedFact(claims.runnerEnvironment),
  }
}

function certifiedFact(value: string | undefined): readonly Fact[] {
  return value === undefined ? [] : [{ by: 'the certificate', value }]
}

/** The path of a workflow `SOURCE/PATH@REF` in its source; the whole where it is of another. */
function workflowPath(uri: string, source: string | undefined): string {
  const prefix = `${source ?? ''}/`
  const path = source !== undefined && uri.startsWith(prefix) ? uri.slice(prefix.length) : uri
  const at = path.lastIndexOf('@refs/')
  return at < 0 ? path : path.slice(0, at)
}

function statedFacts({ predicate, predicateType }: Statement): ProvenanceFacts {
  switch (predicateType) {
    case slsaProvenance:
      return factsOfVersion1(predicate)
    case slsaProvenance02:
      return factsOfVersion02(predicate)
    default:
      return noFacts
  }
}

/**
 * SLSA provenance v1. Where the source stands is up to the build type: `workflow` is GitHub's
 * (https://actions.github.io/buildtypes/workflow/v1), `configSource` BuildKit's, `source` that of SLSA's container-based builds.
 */
function factsOfVersion1(predicate: unknown): ProvenanceFacts {
  const parameters = ['buildDefinition', 'externalParameters']
  const workflow = [...parameters, 'workflow']
  const sources = ['configSource', 'source']
    .flatMap((name) => valuesAt(predicate, [...parameters, name, 'uri']))
    .map(sourceFacts)
  return {
    sourceRepository: [
      ...valuesAt(predicate, [...workflow, 'repository']),
      ...sources.flatMap(({ repository }) => repository),
    ].map(asFact),
    ref: [...valuesAt(predicate, [...workflow, 'ref']), ...sources.flatMap(({ ref }) => ref)].map(asFact),
    workflow: valuesAt(predicate, [...workflow, 'path']).map(asFact),
    builder: valuesAt(predicate, ['runDetails', 'builder', 'id']).map(asFact),
    runner: valuesAt(predicate, [
      'buildDefinition',
      'internalParameters',
      'github',
      'runner_environment',
    ]).map(asFact),
    buildType: valuesAt(predicate, ['buildDefinition', 'buildType']).map(asFact),
  }
}

/** SLSA provenance v0.2: the entry point is a path only by what GitHub's generators write. */
function factsOfVersion02(predicate: unknown): ProvenanceFacts {
  const configSource = ['invocation', 'configSource']
  const source = valuesAt(predicate, [...configSource, 'uri']).map(sourceFacts)
  return {
    ...noFacts,
    sourceRepository: source.flatMap(({ repository }) => repository).map(asFact),
    ref: source.flatMap(({ ref }) => ref).map(asFact),
    workflow: valuesAt(predicate, [...configSource, 'entryPoint']).map(asFact),
    builder: valuesAt(predicate, ['builder', 'id']).map(asFact),
    buildType: valuesAt(predicate, ['buildType']).map(asFact),
  }
}

/** The value under a path of names, as a list of none or one; something in between that is no object is a value that cannot be read. */
function valuesAt(value: unknown, [name, ...rest]: readonly string[]): readonly unknown[] {
  if (name === undefined) return [value]
  const record = asRecord(value)
  if (record === undefined) return [undefined]
  return Object.hasOwn(record, name) ? valuesAt(record[name], rest) : []
}

function sourceFacts(uri: unknown): {
  readonly repository: readonly unknown[]
  readonly ref: readonly unknown[]
} {
  const source = typeof uri === 'string' ? parseSourceUri(uri) : undefined
  if (source === undefined) return { repository: [undefined], ref: [undefined] }
  return { repository: [source.repository], ref: source.ref === undefined ? [] : [source.ref] }
}

function asFact(value: unknown): Fact {
  return { by: 'the provenance', value: typeof value === 'string' ? value : undefined }
}
