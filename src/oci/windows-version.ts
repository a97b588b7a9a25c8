/** The parts of a Windows version that decide what runs where: `10.0.20348.2227` is major 10, minor 0, build 20348. */
export interface WindowsVersion {
  readonly major: number
  readonly minor: number
  readonly build: number
}

/** Reads a Windows version; undefined when it is absent or is not one. */
export function parseWindowsVersion(text: string | undefined): WindowsVersion | undefined {
  const [, major, minor, build] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,5})(?:\.|$)/.exec(text ?? '') ?? []
  if (major === undefined || minor === undefined || build === undefined) return undefined
  return { major: Number(major), minor: Number(minor), build: Number(build) }
}

/** Windows Server 2022: since then a host runs images of this build up to its own. */
const firstStableBuild = 20_348

/**
 * Says whether a Windows host runs an image: before Server 2022 the builds must be equal. A version that either side does not give
 * does not stand in the way (https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility).
 */
export function matchWindowsVersion(host: string | undefined, image: string | undefined): boolean {
  const hostVersion = parseWindowsVersion(host)
  if (hostVersion === undefined || image === undefined) return true
  const imageVersion = parseWindowsVersion(image)
  if (imageVersion === undefined) return false
  if (hostVersion.major !== imageVersion.major || hostVersion.minor !== imageVersion.minor) return false
  if (hostVersion.build < firstStableBuild) return hostVersion.build === imageVersion.build
  return imageVersion.build >= firstStableBuild && imageVersion.build <= hostVersion.build
}
