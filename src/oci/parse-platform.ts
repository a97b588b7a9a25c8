import { InvalidPlatformError, quote } from './errors.ts'
import { normalizePlatform, type Platform } from './platform.ts'

const systemPattern = /^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%~!*'-]*)((?:\+[A-Za-z0-9_.%~!*'-]+)*)\))?$/
const partPattern = /^[A-Za-z0-9_.-]+$/

/** What Go knows, and containerd with it; asked only where one part stands alone. */
const knownSystems = new Set(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos'.split(
    ' ',
  ),
)
const knownArchitectures = new Set(
  '386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm'.split(
    ' ',
  ),
)

/**
 * Reads a platform as users write it, `linux/arm64`, `linux/arm/v7`, `windows(10.0.20348)/amd64`, and normalises it. An
 * architecture alone (`arm64`) is that of linux.
 *
 * @throws {InvalidPlatformError} saying which part is wrong.
 */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/', 4)
  const [first = '', architecture, variant] = parts
  if (parts.length > 3) throw new InvalidPlatformError(text, 'it has more than three parts')
  if (architecture === undefined) return parseArchitectureAlone(text)
  const [, os, version = '', features = ''] = systemPattern.exec(first) ?? []
  if (os === undefined) throw new InvalidPlatformError(text, partProblem('operating system', first))
  if (!partPattern.test(architecture))
    throw new InvalidPlatformError(text, partProblem('architecture', architecture))
  if (variant !== undefined && !partPattern.test(variant))
    throw new InvalidPlatformError(text, partProblem('variant', variant))
  return normalizePlatform({
    os,
    architecture,
    ...(variant === undefined ? {} : { variant }),
    ...(version === '' ? {} : { osVersion: decodeOption(text, version) }),
    ...(features === ''
      ? {}
      : {
          osFeatures: features
            .slice(1)
            .split('+')
            .map((feature) => decodeOption(text, feature)),
        }),
  })
}

function parseArchitectureAlone(text: string): Platform {
  if (text === '') throw new InvalidPlatformError(text, 'it is empty')
  const platform = normalizePlatform({ os: 'linux', architecture: text })
  if (knownArchitectures.has(platform.architecture)) return platform
  if (knownSystems.has(text.toLowerCase()))
    throw new InvalidPlatformError(text, 'it names an operating system and no architecture')
  throw new InvalidPlatformError(text, `${quote(text)} is no architecture that is known`)
}

function partProblem(part: string, text: string): string {
  return text === '' ? `the ${part} is empty` : `${quote(text)} cannot be the ${part}`
}

function decodeOption(text: string, option: string): string {
  try {
    return decodeURIComponent(option)
  } catch {
    throw new InvalidPlatformError(text, `${quote(option)} has a "%" that is no escape`)
  }
}
