import { posix } from 'node:path'
import {
  builtinHomes,
  commandFolder,
  folderRules,
  packageHomes,
  sharedFolders,
  terminalModules,
} from './house-rules.ts'
import { findCycles } from './find-cycles.ts'
import { type ModuleFacts, type ModuleImport, readModule } from './read-module.ts'

/**
 * Holds source files against the rules of the house and gives what breaks them, one line each.
 *
 * @param sources text of the TypeScript files under src/, by path from the project's root, with `/`.
 * @param packages names that package.json lists under `dependencies`.
 */
export function checkHouse(
  sources: ReadonlyMap<string, string>,
  packages: ReadonlySet<string>,
): readonly string[] {
  const modules = new Map([...sources].map(([path, source]) => [path, readModule(path, source)]))
  return [
    ...unknownFolders(modules),
    ...[...modules].flatMap(([path, facts]) => [
      ...facts.imports.flatMap((each) => brokenImport(path, each, sources, packages)),
      ...(isTest(path) ? [] : brokenPurity(path, facts)),
    ]),
    ...findCycles(fileGraph(modules)).map((cycle) => `cycle: ${cycle.join(' -> ')}`),
  ]
}

function unknownFolders(modules: ReadonlyMap<string, ModuleFacts>): readonly string[] {
  const folders = new Set([...modules.keys()].map(folderOf))
  return [...folders]
    .filter((folder) => folder !== commandFolder && folderRules[folder] === undefined)
    .map((folder) => `src/${folder}: no rule says what it may import`)
}

function brokenImport(
  path: string,
  { specifier, typeOnly }: ModuleImport,
  sources: ReadonlyMap<string, string>,
  packages: ReadonlySet<string>,
): readonly string[] {
  if (specifier.startsWith('node:')) return brokenBuiltin(path, specifier)
  if (!specifier.startsWith('.')) return brokenPackage(path, specifier, packages)
  const target = posix.join(posix.dirname(path), specifier)
  if (!target.startsWith('src/')) {
    return isTest(path) && target.startsWith('test/') ? [] : [`${path}: imports ${target} from outside src/`]
  }
  if (!sources.has(target)) return [`${path}: imports ${target}, which does not exist`]
  if (isTest(target)) return [`${path}: imports the test ${target}`]
  return brokenEdge(path, target, typeOnly)
}

function brokenEdge(path: string, target: string, typeOnly: boolean): readonly string[] {
  const from = folderOf(path)
  const to = folderOf(target)
  if (from === to) return []
  if (to === commandFolder) return [`${path}: imports ${target}, and nothing may import ${commandFolder}`]
  if (target !== `src/${to}/index.ts`) return [`${path}: imports ${target} past the front door of ${to}`]
  if (isTest(path) || from === commandFolder || mayImport(from, to, typeOnly)) return []
  return [`${path}: ${from} may not import ${to}`]
}

function mayImport(from: string, to: string, typeOnly: boolean): boolean {
  if (sharedFolders.includes(to)) return from !== 'errors'
  const rule = folderRules[from]
  return rule !== undefined && (rule.imports.includes(to) || (typeOnly && rule.types?.includes(to) === true))
}

function brokenPackage(path: string, specifier: string, packages: ReadonlySet<string>): readonly string[] {
  if (isTest(path)) return []
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  if (!packages.has(name)) return [`${path}: imports ${specifier}, which is not a dependency`]
  const home = packageHomes.find((each) => each.packages.test(specifier))
  if (home === undefined || home.folders.includes(folderOf(path))) return []
  return [`${path}: only ${home.folders.join(', ')} may import ${name}`]
}

function brokenBuiltin(path: string, specifier: string): readonly string[] {
  if (isTest(path)) return []
  const homes = terminalModules.has(specifier)
    ? [commandFolder]
    : builtinHomes.find((each) => each.modules.test(specifier))?.folders
  if (homes === undefined || homes.includes(folderOf(path))) return []
  return [`${path}: only ${homes.join(', ')} may import ${specifier}`]
}

function brokenPurity(path: string, facts: ModuleFacts): readonly string[] {
  return [
    ...(folderOf(path) === commandFolder ? [] : facts.globals).map(
      (name) => `${path}: only ${commandFolder} may touch ${name}`,
    ),
    ...(facts.computedImports > 0 ? [`${path}: imports something computed`] : []),
  ]
}

function fileGraph(modules: ReadonlyMap<string, ModuleFacts>): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...modules].map(([path, facts]) => [
      path,
      facts.imports
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => posix.join(posix.dirname(path), specifier)),
    ]),
  )
}

function folderOf(path: string): string {
  return path.split('/')[1] ?? ''
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts')
}
