import { hideUser } from '../errors/index.ts'
import { type Digest, isDigest, parseDigest, parseReference, withDefaultTag } from '../oci/index.ts'
import { InvalidLocationError } from './errors.ts'
import type { DaemonLocation, FileLocation, Location, RegistryLocation } from './location.ts'

/** Options of {@link parseLocation}. */
export interface ParseLocationOptions {
  /** Whether a registry reference without tag and digest names its repository, and not the tag `latest`; default false. */
  readonly wholeRepository?: boolean
}

/**
 * Reads where an image is: a reference as docker users write it, or a place with skopeo's prefixes
 * (`docker://`, `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:REF]`,
 * `docker-daemon:REF`), and `oci://REF` as gh and Helm write a registry, `ocidir://DIR` as regctl writes a layout.
 *
 * @throws {InvalidLocationError} @throws {InvalidReferenceError}
 */
export function parseLocation(text: string, options: ParseLocationOptions = {}): Location {
  for (const [prefix, parse] of prefixes) {
    if (text.startsWith(prefix)) return parse(text.slice(prefix.length), text, options)
  }
  if (/^https?:/.test(text)) refuseUser(text)
  refuseOtherSchemes(text)
  return parseRegistry(text, text, options)
}

type Parse = (rest: string, text: string, options: ParseLocationOptions) => Location

/** In this order: `oci://` is a registry, `oci:` a directory. */
const prefixes: readonly (readonly [prefix: string, parse: Parse])[] = [
  ['docker://', parseRegistry],
  ['oci://', parseRegistry],
  ['ocidir://', fileParser('oci')],
  ['oci-archive:', fileParser('oci-archive')],
  ['docker-archive:', fileParser('docker-archive')],
  ['docker-daemon:', parseDaemon],
  ['oci:', fileParser('oci')],
]

function parseRegistry(rest: string, text: string, options: ParseLocationOptions): RegistryLocation {
  refuseUser(rest)
  refusePath(rest)
  const reference = parseReference(rest)
  return {
    kind: 'registry',
    reference: options.wholeRepository === true ? reference : withDefaultTag(reference),
    text,
  }
}

function fileParser(kind: FileLocation['kind']): Parse {
  return (rest, text) => {
    const { path, name, digest } = splitPath(rest)
    if (path === '') {
      throw new InvalidLocationError(
        `Cannot read ${JSON.stringify(text)}: there is no path behind ${kind}:`,
        {
          hint: `${kind}:${kind === 'oci' ? 'DIRECTORY' : 'FILE'}[:${kind === 'docker-archive' ? 'REFERENCE' : 'TAG'}]`,
        },
      )
    }
    if (kind === 'oci' && path === '-') {
      throw new InvalidLocationError(
        `Cannot read ${JSON.stringify(text)}: a layout is a directory, not a stream`,
        {
          hint: 'oci-archive:-',
        },
      )
    }
    return {
      kind,
      path,
      text,
      ...(name === undefined ? {} : { name }),
      ...(digest === undefined ? {} : { digest }),
    }
  }
}

/** As skopeo splits: a path holds no colon, but for a drive letter in front; what follows it names the image. */
function splitPath(rest: string): { path: string; name?: string; digest?: Digest } {
  const at = rest.lastIndexOf('@')
  if (at >= 0 && isDigest(rest.slice(at + 1))) {
    return { ...splitPath(rest.slice(0, at)), digest: parseDigest(rest.slice(at + 1)) }
  }
  const colon = rest.indexOf(':', /^[A-Za-z]:[\\/]/.test(rest) ? 2 : 0)
  if (colon < 0) return { path: rest }
  const name = rest.slice(colon + 1)
  return name === '' ? { path: rest.slice(0, colon) } : { path: rest.slice(0, colon), name }
}

function parseDaemon(rest: string, text: string): DaemonLocation {
  if (rest === '') {
    throw new InvalidLocationError(
      `Cannot read ${JSON.stringify(text)}: there is no image behind docker-daemon:`,
      {
        hint: 'docker-daemon:IMAGE[:TAG]',
      },
    )
  }
  if (isDigest(rest)) return { kind: 'docker-daemon', name: rest, text }
  const reference = withDefaultTag(parseReference(rest))
  return { kind: 'docker-daemon', name: reference.familiar, text }
}

const foreignSchemes: Readonly<Record<string, string>> = {
  'http:':
    'an image reference has no scheme; registries that speak plain http are configured or given --plain-http',
  'https:': 'an image reference has no scheme: write HOST/NAME:TAG',
  'dir:': "skopeo's own directory format holds an image for skopeo alone",
  'containers-storage:': "podman's storage is read by podman alone",
  'ostree:': 'OSTree repositories are not images',
  'sif:': 'Singularity images are not OCI images',
}

function refuseOtherSchemes(text: string): void {
  const [, scheme] = /^([a-z][a-z-]*:)/.exec(text) ?? []
  if (scheme === undefined || !Object.hasOwn(foreignSchemes, scheme)) return
  if (scheme === 'dir:' && !text.startsWith('dir:/') && !text.startsWith('dir:.')) return
  throw new InvalidLocationError(`Cannot read ${JSON.stringify(text)}: ${foreignSchemes[scheme]}`, {
    hint:
      scheme === 'containers-storage:'
        ? 'podman save --format oci-archive IMAGE | lading … oci-archive:-'
        : scheme.startsWith('http')
          ? text.replace(/^https?:\/\//, '')
          : 'docker://, oci:, oci-archive:, docker-archive: and docker-daemon: are understood',
  })
}

/** A password in a name would end in messages, process lists and logs: it is not even repeated. */
function refuseUser(text: string): void {
  const shown = hideUser(text)
  if (shown === text) return
  throw new InvalidLocationError(
    `Cannot read ${JSON.stringify(shown)}: a name holds no user and no password`,
    {
      hint: 'lading login keeps them where no command line shows them.',
    },
  )
}

/** `./image.tar` is a file that somebody forgot to name as one. */
function refusePath(text: string): void {
  const isArchive = /\.(?:tar|tgz|tar\.(?:gz|zst))$/.test(text)
  if (!/^(?:\.{0,2}\/|~)/.test(text) && !(isArchive && !text.includes('/'))) return
  throw new InvalidLocationError(
    `Cannot read ${JSON.stringify(text)}: that is a path, not an image reference`,
    {
      hint: isArchive
        ? `oci-archive:${text} or docker-archive:${text}`
        : `oci:${text} for a layout, oci-archive:${text} for an archive`,
    },
  )
}
