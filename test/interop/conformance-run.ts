import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { peer } from './peer.ts'
import { runProgram } from './run-program.ts'
import { withFolder } from './with-folder.ts'

/** One test of the suite that did not pass. */
export interface ConformanceMiss {
  readonly name: string
  /** `skipped`, `failure` or `error`. */
  readonly status: string
  /** What the suite said of it. */
  readonly reason: string
}

/** What a run of the suite came to. */
export interface ConformanceResult {
  readonly passed: number
  readonly missed: readonly ConformanceMiss[]
}

/** Options of {@link runConformance}. */
export interface ConformanceOptions {
  /** `127.0.0.1:5000`. */
  readonly host: string
  readonly version: '1.1' | 'dev'
  /** Default false. */
  readonly tls?: boolean
  /** PEM file of the authority to trust. */
  readonly caFile?: string
  readonly user?: { readonly name: string; readonly password: string }
}

/**
 * Runs the conformance suite of the distribution specification. What the version leaves to the registry is asked for
 * too; only sparse manifests are not: a manifest whose content is missing is to be refused here.
 *
 * @throws {Error} when the suite left no report.
 */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceResult> {
  return withFolder(async (folder) => {
    const { stdout, stderr } = await runProgram(peer('conformance'), [], {
      directory: folder,
      seconds: 240,
      environment: { ...environmentOf(options), OCI_RESULTS_DIR: folder },
    })
    const report = await readFile(join(folder, 'junit.xml'), 'utf8').catch((error: unknown) => {
      throw new Error(`the suite left no report:\n${stderr}${stdout}`, { cause: error })
    })
    return parseConformanceReport(report)
  })
}

/** Reads the suite's junit.xml, in which each test is a `<testcase name status>` and angle brackets are escaped. */
export function parseConformanceReport(report: string): ConformanceResult {
  const cases = [...report.matchAll(/<testcase ([^>]*)>(.*?)<\/testcase>/gs)].map(
    ([, tag = '', body = '']) => ({
      name: attribute(tag, 'name'),
      status: attribute(tag, 'status'),
      reason: unescaped(/<system-out>(.*?)<\/system-out>/s.exec(body)?.[1] ?? ''),
    }),
  )
  const missed = cases.filter(({ status }) => status !== 'passed')
  return { passed: cases.length - missed.length, missed }
}

function environmentOf({
  host,
  version,
  tls = false,
  caFile,
  user,
}: ConformanceOptions): Record<string, string> {
  return {
    OCI_REGISTRY: host,
    OCI_TLS: tls ? 'enabled' : 'disabled',
    OCI_VERSION: version,
    OCI_REPO1: 'conformance/repo1',
    OCI_REPO2: 'conformance/repo2',
    OCI_API_BLOBS_DIGEST_HEADER: 'true',
    OCI_API_BLOBS_UPLOAD_CANCEL: 'true',
    OCI_API_MANIFESTS_DIGEST_HEADER: 'true',
    OCI_API_MANIFESTS_TAG_PARAM: 'true',
    ...(caFile === undefined ? {} : { SSL_CERT_FILE: caFile }),
    ...(user === undefined ? {} : { OCI_USERNAME: user.name, OCI_PASSWORD: user.password }),
  }
}

function attribute(tag: string, name: string): string {
  return unescaped(new RegExp(`(?:^| )${name}="([^"]*)"`).exec(tag)?.[1] ?? '')
}

const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  '#34': '"',
  '#39': "'",
  '#xA': '\n',
  '#x9': '\t',
}

function unescaped(text: string): string {
  return text.replace(/&([#\w]+);/g, (whole, name: string) => entities[name] ?? whole)
}
