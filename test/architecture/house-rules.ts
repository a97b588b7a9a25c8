/** What one folder of src/ may import besides `errors`, `oci` and itself. */
export interface FolderRule {
  readonly imports: readonly string[]
  /** Folders of which only types may be imported. */
  readonly types?: readonly string[]
}

/** The folders of src/: those that exist, and those that are planned (docs/architecture.md). */
export const folderRules: Readonly<Record<string, FolderRule>> = {
  errors: { imports: [] },
  oci: { imports: [] },
  files: { imports: [] },
  http: { imports: [] },
  archive: { imports: [] },
  tags: { imports: [] },
  retention: { imports: [] },
  content: { imports: [] },
  registry: { imports: ['content', 'http', 'files'] },
  stores: { imports: ['content', 'archive', 'files'] },
  images: { imports: ['registry', 'stores', 'content'] },
  layers: { imports: ['content', 'archive', 'files'] },
  dockerfile: { imports: [] },
  references: { imports: ['dockerfile'] },
  signing: { imports: ['content', 'http', 'files'] },
  lock: { imports: ['references', 'signing', 'content', 'files'] },
  build: { imports: ['dockerfile', 'layers', 'archive', 'content'] },
  publish: { imports: ['build', 'signing', 'tags', 'content'] },
  sbom: { imports: ['layers', 'archive', 'content'] },
  vulnerabilities: { imports: ['http', 'files'], types: ['sbom'] },
  server: { imports: ['content', 'layers', 'retention', 'tags', 'http', 'files'] },
  admission: { imports: ['lock', 'signing', 'references'] },
}

/** Imports everything, is imported by nothing, and alone touches `process` and the terminal. */
export const commandFolder = 'cli'

/** What every folder may import; `errors` itself imports nothing. */
export const sharedFolders: readonly string[] = ['errors', 'oci']

/** Packages that only some folders may import; a folder that is not there yet keeps its package out of the others. */
export const packageHomes: readonly { readonly packages: RegExp; readonly folders: readonly string[] }[] = [
  { packages: /^@stricli\//, folders: [commandFolder] },
  { packages: /^(?:pino|prom-client|bcryptjs)(?:\/|$)/, folders: ['server'] },
  { packages: /^sigstore(?:\/|$)|^@sigstore\//, folders: ['signing'] },
]

/** Node's modules that only some folders may import: requests to the network are made by `http` and nobody else. */
export const builtinHomes: readonly { readonly modules: RegExp; readonly folders: readonly string[] }[] = [
  // The docker daemon listens on a socket of this machine; the server answers and asks nobody.
  { modules: /^node:http$/, folders: ['http', 'server', 'stores'] },
  { modules: /^node:(?:https|tls)$/, folders: ['http', 'server'] },
  { modules: /^node:http2$/, folders: ['http'] },
]

/** Node's modules of the process and the terminal. */
export const terminalModules: ReadonlySet<string> = new Set([
  'node:process',
  'node:readline',
  'node:readline/promises',
  'node:repl',
  'node:tty',
])
