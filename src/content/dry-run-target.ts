import type { Target } from './capabilities.ts'

/** The same target for who asks, but nothing is written to it. */
export function dryRunTarget(target: Target): Target {
  return {
    display: target.display,
    manifestsAreWhole: target.manifestsAreWhole,
    resolve: (name, options) => target.resolve(name, options),
    exists: (descriptor, options) => target.exists(descriptor, options),
    push: () => Promise.resolve(),
    tag: () => Promise.resolve(),
    pushAs: () => Promise.resolve(),
  }
}
