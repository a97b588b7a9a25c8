import { checkDigest } from './check-digest.ts'
import type { Location, RegistryLocation } from './location.ts'
import type {
  OpenedSource,
  OpenedTarget,
  OpenSourceOptions,
  OpenTargetOptions,
  Places,
  PlacesOptions,
} from './places.ts'

/**
 * Makes {@link Places}. Nothing is read or connected before a place is opened; what a kind of place needs is
 * loaded then.
 */
export function openPlaces(options: PlacesOptions): Places {
  return new LazyPlaces(options)
}

class LazyPlaces implements Places {
  readonly #options: PlacesOptions

  constructor(options: PlacesOptions) {
    this.#options = options
  }

  get registry(): PlacesOptions['registry'] {
    return this.#options.registry
  }

  async openSource(location: Location, options: OpenSourceOptions = {}): Promise<OpenedSource> {
    switch (location.kind) {
      case 'registry':
        return this.#registrySource(location)
      case 'oci':
      case 'oci-archive':
      case 'docker-archive': {
        const { openFileSource } = await import('./open-file-source.ts')
        return openFileSource(location, this.#options, options)
      }
      case 'docker-daemon': {
        const { openDaemonSource } = await import('./open-daemon.ts')
        return openDaemonSource(location, this.#options, options)
      }
      default:
        return location satisfies never
    }
  }

  async openTarget(location: Location, options: OpenTargetOptions = {}): Promise<OpenedTarget> {
    switch (location.kind) {
      case 'registry':
        return this.#registryTarget(location)
      case 'oci':
      case 'oci-archive':
      case 'docker-archive': {
        const { openFileTarget } = await import('./open-file-target.ts')
        return openFileTarget(location, this.#options, options)
      }
      case 'docker-daemon': {
        const { openDaemonTarget } = await import('./open-daemon.ts')
        return openDaemonTarget(location, this.#options, options)
      }
      default:
        return location satisfies never
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.registry.close()
  }

  #registrySource(location: RegistryLocation): OpenedSource {
    const { reference } = location
    return {
      location,
      source: this.#options.registry.repository(reference),
      name: reference.digest ?? reference.tag ?? '',
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  }

  #registryTarget(location: RegistryLocation): OpenedTarget {
    const { reference } = location
    const repository = this.#options.registry.repository(reference)
    return {
      location,
      target: repository,
      deleter: repository,
      namesFor: (root) => {
        checkDigest(location, root)
        return reference.tag === undefined ? [] : [reference.tag]
      },
      commit: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  }
}
