import { type Digest, isDigest, parseDigest } from './digest.ts'
import { InvalidDigestError, InvalidDocumentError } from './errors.ts'
import type { Healthcheck, HistoryEntry, ImageConfig, RuntimeConfig } from './image-config.ts'
import { JsonObject } from './json-object.ts'
import { readPlatformFields } from './parse-descriptor.ts'
import { parseJson } from './parse-json.ts'

/** The largest image config that is read, in bytes. */
export const maxConfigBytesRead: number = 8 * 1024 * 1024

const documentName = 'image config'

/**
 * Reads an image config, OCI or Docker (OCI image specification, config.md). Docker's own fields (healthcheck, shell,
 * onbuild) are read too; unknown ones are ignored, null counts as absent.
 *
 * @throws {InvalidDocumentError} too large, not UTF-8, not JSON, or naming the field that is not what it must be.
 */
export function parseConfig(bytes: Uint8Array): ImageConfig {
  const fields = JsonObject.from(parseJson(bytes, documentName, maxConfigBytesRead), documentName, '')
  const rootfs = fields.optionalObject('rootfs') ?? fields.fail('rootfs', 'is missing')
  return {
    created: text(fields, 'created'),
    author: text(fields, 'author'),
    platform: readPlatformFields(fields),
    config: readRuntimeConfig(fields.optionalObject('config')),
    rootfs: {
      type: rootfs.optionalString('type') ?? 'layers',
      diffIds: rootfs.optionalArray('diff_ids', readDiffId) ?? [],
    },
    history: fields.optionalArray('history', readHistoryEntry) ?? [],
  }
}

function readRuntimeConfig(fields: JsonObject | undefined): RuntimeConfig {
  const healthcheck = fields?.optionalObject('Healthcheck')
  return {
    user: text(fields, 'User'),
    workingDir: text(fields, 'WorkingDir'),
    stopSignal: text(fields, 'StopSignal'),
    entrypoint: fields?.optionalStrings('Entrypoint'),
    cmd: fields?.optionalStrings('Cmd'),
    env: fields?.optionalStrings('Env') ?? [],
    exposedPorts: fields?.optionalKeys('ExposedPorts') ?? [],
    volumes: fields?.optionalKeys('Volumes') ?? [],
    labels: fields?.optionalStringMap('Labels') ?? {},
    healthcheck: healthcheck === undefined ? undefined : readHealthcheck(healthcheck),
    shell: fields?.optionalStrings('Shell'),
    onBuild: fields?.optionalStrings('OnBuild') ?? [],
    argsEscaped: fields?.optionalBoolean('ArgsEscaped'),
  }
}

function readHealthcheck(fields: JsonObject): Healthcheck {
  return {
    test: fields.optionalStrings('Test') ?? [],
    interval: fields.optionalCount('Interval'),
    timeout: fields.optionalCount('Timeout'),
    startPeriod: fields.optionalCount('StartPeriod'),
    startInterval: fields.optionalCount('StartInterval'),
    retries: fields.optionalCount('Retries'),
  }
}

function readHistoryEntry(value: unknown, path: string): HistoryEntry {
  const fields = JsonObject.from(value, documentName, path)
  return {
    created: text(fields, 'created'),
    createdBy: text(fields, 'created_by'),
    author: text(fields, 'author'),
    comment: text(fields, 'comment'),
    emptyLayer: fields.optionalBoolean('empty_layer') ?? false,
  }
}

function readDiffId(value: unknown, path: string): Digest {
  if (typeof value !== 'string') throw new InvalidDocumentError(documentName, path, 'must be a digest')
  if (isDigest(value)) return value
  try {
    return parseDigest(value)
  } catch (error) {
    const problem = error instanceof InvalidDigestError ? error.problem : 'is not a digest'
    throw new InvalidDocumentError(documentName, path, problem, { cause: error })
  }
}

/** A text; undefined where it is absent or, as Go writes it, empty. */
function text(fields: JsonObject | undefined, name: string): string | undefined {
  return fields?.optionalString(name) || undefined
}
