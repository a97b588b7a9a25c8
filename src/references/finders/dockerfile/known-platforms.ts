/** Platforms that stages are named for: `FROM base-${TARGETARCH}`. */
const platforms = [
  'linux/amd64',
  'linux/arm64',
  'linux/arm/v7',
  'linux/arm/v6',
  'linux/386',
  'linux/ppc64le',
  'linux/s390x',
  'linux/riscv64',
  'linux/loong64',
  'linux/mips64le',
  'windows/amd64',
  'windows/arm64',
  'darwin/amd64',
  'darwin/arm64',
  'freebsd/amd64',
]

/** What BuildKit's arguments are when it builds for each of the known platforms, on the same one. */
export const knownPlatforms: readonly ReadonlyMap<string, string>[] = platforms.map((platform) => {
  const [os = '', architecture = '', variant = ''] = platform.split('/')
  return new Map(
    ['BUILD', 'TARGET'].flatMap((side) => [
      [`${side}PLATFORM`, platform] as const,
      [`${side}OS`, os] as const,
      [`${side}ARCH`, architecture] as const,
      [`${side}VARIANT`, variant] as const,
    ]),
  )
})
