/** A platform as OCI indexes and configs write it (image-index.md). */
export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly osVersion?: string
  readonly osFeatures?: readonly string[]
}

/**
 * The platform in its usual writing, as containerd normalises it: lower case, `macos` is darwin, `x86_64` amd64, `aarch64` arm64,
 * `i386` 386, `armhf` arm/v7, `armel` arm/v6; arm without a variant is v7; amd64/v1 and arm64/v8 go without their variant.
 */
export function normalizePlatform(platform: Platform): Platform {
  const os = platform.os.toLowerCase()
  const { architecture, variant } = normalizeArchitecture(
    platform.architecture.toLowerCase(),
    (platform.variant ?? '').toLowerCase(),
  )
  const { osVersion, osFeatures } = platform
  return {
    os: os === 'macos' ? 'darwin' : os,
    architecture,
    ...(variant === '' ? {} : { variant }),
    ...(osVersion === undefined || osVersion === '' ? {} : { osVersion }),
    ...(osFeatures === undefined || osFeatures.length === 0
      ? {}
      : { osFeatures: [...new Set(osFeatures)].toSorted() }),
  }
}

/**
 * A platform's text, `linux/arm/v7`; with version and features where there are some, as containerd writes them:
 * `windows(10.0.20348.2227+win32k)/amd64`. What is not said reads `unknown`; characters that no platform has are escaped as in a
 * URL. {@link parsePlatform} reads it back.
 */
export function formatPlatform(platform: Platform): string {
  const options = [platform.osVersion ?? '', ...(platform.osFeatures ?? [])].map(escape).join('+')
  const { os, architecture, variant } = platform
  return [
    escape(os || 'unknown') + (options === '' ? '' : `(${options})`),
    escape(architecture || 'unknown'),
    ...(variant === undefined || variant === '' ? [] : [escape(variant)]),
  ].join('/')
}

/** Orders platforms for display: by system, architecture, variant, then version; numbers in them count as numbers. */
export function comparePlatforms(one: Platform, other: Platform): number {
  return (
    compareNaturally(one.os, other.os) ||
    compareNaturally(one.architecture, other.architecture) ||
    compareNaturally(one.variant ?? '', other.variant ?? '') ||
    compareNaturally(one.osVersion ?? '', other.osVersion ?? '') ||
    compareNaturally((one.osFeatures ?? []).join('+'), (other.osFeatures ?? []).join('+'))
  )
}

/**
 * The platform whose images a machine runs, from Node's `process.platform` and `process.arch`. macOS runs those of Linux, in a
 * virtual machine; 32-bit arm is taken for v7, since Node tells no variant.
 */
export function hostPlatform(os: string, arch: string): Platform {
  const architecture = nodeArchitectures.get(arch) ?? arch
  return normalizePlatform({ os: nodeSystems.get(os) ?? os, architecture })
}

const nodeSystems = new Map([
  ['darwin', 'linux'],
  ['android', 'linux'],
  ['win32', 'windows'],
  ['sunos', 'solaris'],
])

const nodeArchitectures = new Map([
  ['x64', 'amd64'],
  ['ia32', '386'],
  ['ppc64', 'ppc64le'],
  ['mipsel', 'mipsle'],
])

function normalizeArchitecture(
  architecture: string,
  variant: string,
): { readonly architecture: string; readonly variant: string } {
  switch (architecture) {
    case 'i386':
      return { architecture: '386', variant: '' }
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return { architecture: 'amd64', variant: variant === 'v1' ? '' : variant }
    case 'aarch64':
    case 'arm64':
      return { architecture: 'arm64', variant: variant === 'v8' || variant === '8' ? '' : variant }
    case 'armhf':
      return { architecture: 'arm', variant: 'v7' }
    case 'armel':
      return { architecture: 'arm', variant: 'v6' }
    case 'arm':
      return { architecture, variant: variant === '' ? 'v7' : variant.replace(/^[5678]$/, 'v$&') }
    default:
      return { architecture, variant }
  }
}

/** Leaves letters, digits and `_.-~!*'`. */
function escape(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/[()]/g, (each) => (each === '(' ? '%28' : '%29'))
}

function compareNaturally(one: string, other: string): number {
  const ones = one.split(/(\d+)/)
  const others = other.split(/(\d+)/)
  for (let index = 0; index < Math.max(ones.length, others.length); index += 1) {
    const a = ones[index] ?? ''
    const b = others[index] ?? ''
    const isNumber = index % 2 === 1
    const order = isNumber ? compare(Number(a), Number(b)) : compare(a, b)
    if (order !== 0) return order
  }
  return compare(one, other)
}

function compare<Value extends string | number>(one: Value, other: Value): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
