import { join, sep } from 'node:path'
import type { Plugin } from 'rolldown'

/**
 * What undici imports and src/http never reaches: it speaks HTTP/1.1 with undici's default parser, its bodies are
 * bytes, and it has no use for forms. Each costs every command time to load. The stand-ins throw where they would be
 * reached after all.
 */
const standIns: Readonly<Record<string, string>> = {
  './client-h2.js': unreachable('HTTP/2'),
  // The experimental parser, which somebody has to ask for.
  './parser-h1.js': 'module.exports = { getMiloEnabled: () => false }',
  '../web/fetch/body.js': unreachable('a form as body'),
  '../web/fetch/formdata': unreachable('a form as body'),
  '../web/webidl': unreachable('a form as body'),
  // Only `assert(value, message)` is called.
  'node:assert':
    'module.exports = (value, message) => { if (!value) throw new Error("undici: " + (message || "assertion failed")) }',
  // Of node:http undici takes the default limit of header bytes, and the class to tell answers of node:http by.
  'node:http': 'module.exports = { maxHeaderSize: 16384, IncomingMessage: class {} }',
}

/** Bundles of undici only what build/undici-for-command.js names, without what that never reaches. */
export function slimUndici(root: string): Plugin {
  const folder = join(root, 'node_modules', 'undici') + sep
  return {
    name: 'slim-undici',
    resolveId(source, importer) {
      if (source === 'undici') return join(root, 'build', 'undici-for-command.js')
      if (importer?.startsWith(folder) !== true || standIns[source] === undefined) return undefined
      return `\0undici:${source}`
    },
    load(id) {
      return id.startsWith('\0undici:') ? standIns[id.slice('\0undici:'.length)] : undefined
    },
  }
}

function unreachable(what: string): string {
  return `module.exports = () => { throw new Error('Lading never asks undici for ${what}') }`
}
