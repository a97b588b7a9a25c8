import {
  type Dockerfile,
  detectSyntax,
  type DetectedSyntax,
  DockerfileTooLargeError,
  parseDockerfile,
} from '../../dockerfile/index.ts'
import { FilePositions } from '../file-positions.ts'
import type { Finder, FinderInput } from '../finder.ts'
import type { FileFindings, FileProblem } from '../occurrence.ts'
import type { NamedImage } from './dockerfile/named-image.ts'
import { findNamedImages } from './dockerfile/named-images.ts'
import { readTarget } from './dockerfile/read-target.ts'
import { toOccurrence } from './dockerfile/to-occurrence.ts'

/** Finds what Dockerfiles name: `FROM`, `--from`, mounts, `# syntax=`, downloads. */
export const dockerfileFinder: Finder = {
  name: 'dockerfile',
  mayBe: isDockerfileName,
  mayHold: (text) => /from|add|syntax|\\/i.test(text),
  find: async (input) => findInDockerfile(input),
}

const notDockerfiles = /\.(?:dockerignore|md|markdown|rst|adoc|html|orig|rej|bak|swp|patch|diff|lock)$|~$/i
const dockerfileNames = /^(?:dockerfile|containerfile)(?:[._-].+)?$|.\.(?:dockerfile|containerfile)$/i

/** `Dockerfile`, `Dockerfile.dev`, `api.Dockerfile`, `Containerfile`; not `Dockerfile.dockerignore`. */
function isDockerfileName(file: string): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1)
  return dockerfileNames.test(name) && !notDockerfiles.test(name)
}

function findInDockerfile(input: FinderInput): FileFindings | undefined {
  const { file, text } = input
  const syntax = detectSyntax(text)
  let dockerfile: Dockerfile
  try {
    dockerfile = parseDockerfile(text)
  } catch (error) {
    if (!(error instanceof DockerfileTooLargeError)) throw error
    const message = error.message.replace(/^Cannot read the Dockerfile: /, '')
    return { occurrences: [], problems: [{ file, message, hint: error.hint }] }
  }
  if (!isDockerfile(input, dockerfile, syntax)) return undefined
  const positions = new FilePositions(text)
  const { images, problems } = findNamedImages(dockerfile, { args: new Map(), contexts: new Set() })
  const all = [
    ...dockerfile.problems
      .filter(({ offset }) => !/^(?:\{\{|\{%|\{#|<%)/.test(text.slice(offset, offset + 2)))
      .map(({ line, column, message, hint }) => ({ file, line, column, message, hint })),
    ...problems.map(({ source, message, hint }) => {
      const { line, column } = positions.range(source.start, source.end)
      return { file, line, column, message, hint }
    }),
  ].toSorted((a, b) => a.line - b.line)
  const isForeign = syntax !== undefined && isOtherLanguage(syntax, all)
  const named = [...(syntax === undefined ? [] : [syntaxImage(syntax)]), ...(isForeign ? [] : images)]
  return {
    occurrences: named.map((image) => toOccurrence(image, { input, positions })),
    problems: isForeign ? [] : all,
  }
}

/**
 * Whether a file is one: by its name alone, or, with another ending (`Dockerfile.dev`, but also `dockerfile.ts`), when it
 * begins as one or has a `FROM`.
 */
function isDockerfile(
  { file }: FinderInput,
  { instructions }: Dockerfile,
  syntax: DetectedSyntax | undefined,
): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1)
  if (syntax !== undefined || /^(?:dockerfile|containerfile)$/i.test(name) || name.endsWith('.Dockerfile'))
    return true
  const first = instructions[0]?.name
  return first === 'FROM' || first === 'ARG' || instructions.some((one) => one.keyword.text === 'FROM')
}

/** Whether another image than Dockerfile's own reads the file, and reads another language. */
function isOtherLanguage(syntax: DetectedSyntax, problems: readonly FileProblem[]): boolean {
  return !syntax.isDockerfile || (problems.length > 0 && !/dockerfile/i.test(syntax.image.text))
}

function syntaxImage({ image }: DetectedSyntax): NamedImage {
  return {
    place: 'syntax',
    written: image,
    target: readTarget(image.text),
    used: new Set(),
    missing: new Set(),
    pin: { kind: 'text', text: image },
  }
}
