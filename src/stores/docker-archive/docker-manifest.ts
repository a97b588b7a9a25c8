import { DamagedContentError, LimitExceededError } from '../../content/index.ts'
import { isJsonObject, type JsonObject, parseJson } from '../json-object.ts'

/** The most bytes that `manifest.json` may have. */
export const dockerManifestLimit: number = 16 * 1024 * 1024

const imageLimit = 10_000
const layerLimit = 1000

/** One image of a docker-archive's `manifest.json`; paths are those of files in the archive. */
export interface DockerImage {
  readonly config: string
  /** `python:3.12-slim`, as written. */
  readonly repoTags: readonly string[]
  /** Lowest first. */
  readonly layers: readonly string[]
}

/**
 * Reads the `manifest.json` of what `docker save` wrote (Docker image specification v1.2, "Combined Image JSON +
 * Filesystem Changeset Format"). `null`, as Go writes an empty list, is one; members that are unknown are left alone.
 *
 * @throws {DamagedContentError} naming the member that is wrong. @throws {LimitExceededError}
 */
export function parseDockerManifest(bytes: Uint8Array, display: string): readonly DockerImage[] {
  const what = `manifest.json of ${display}`
  const images = parseJson(bytes, what)
  if (!Array.isArray(images)) throw new DamagedContentError(`Cannot read ${what}: it is not a list of images`)
  if (images.length > imageLimit) throw tooMany(what, 'images', images.length, imageLimit)
  return images.map((image: unknown, place) => {
    if (!isJsonObject(image))
      throw new DamagedContentError(`Cannot read ${what}: [${place}] is not an object`)
    const { Config: config } = image
    if (typeof config !== 'string' || config === '') {
      throw new DamagedContentError(`Cannot read ${what}: [${place}].Config is not the path of a file`)
    }
    const layers = texts(image, 'Layers', `${what}: [${place}]`)
    if (layers.length > layerLimit) throw tooMany(what, 'layers', layers.length, layerLimit)
    return { config, repoTags: texts(image, 'RepoTags', `${what}: [${place}]`), layers }
  })
}

function texts(image: JsonObject, member: string, what: string): readonly string[] {
  const value = image[member] ?? []
  if (Array.isArray(value) && value.every((item: unknown) => typeof item === 'string')) return value
  throw new DamagedContentError(`Cannot read ${what}.${member}: it is not a list of texts`)
}

function tooMany(what: string, things: string, count: number, limit: number): LimitExceededError {
  return new LimitExceededError(
    `Cannot read ${what}: it has ${count} ${things}, more than the ${limit} that are allowed`,
  )
}
