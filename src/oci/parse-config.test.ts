import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf } from './digest.ts'
import { InvalidDocumentError } from './errors.ts'
import { maxConfigBytesRead, parseConfig } from './parse-config.ts'

const diffId = digestOf(new Uint8Array())
const least = { rootfs: { type: 'layers', diff_ids: [diffId] } }

describe('parseConfig()', () => {
  test("reads what Docker writes, its own fields and Go's nulls included", () => {
    const read = parseConfig(
      bytesOf({
        created: '2024-05-01T12:00:00.123456789Z',
        author: '',
        architecture: 'arm',
        variant: 'v7',
        os: 'linux',
        container_config: { Hostname: 'x' },
        config: {
          User: 'app',
          ExposedPorts: { '80/tcp': {} },
          Env: ['PATH=/bin'],
          Entrypoint: null,
          Cmd: ['sh'],
          Volumes: { '/data': {} },
          WorkingDir: '/srv',
          Labels: null,
          StopSignal: 'SIGINT',
          Shell: ['/bin/sh', '-c'],
          OnBuild: null,
          Healthcheck: { Test: ['CMD', 'true'], Interval: 30_000_000_000, Retries: 3 },
          ArgsEscaped: true,
        },
        rootfs: { type: 'layers', diff_ids: [diffId] },
        history: [
          { created: '2024-05-01T12:00:00Z', created_by: 'ADD file', comment: 'buildkit' },
          { created_by: 'CMD ["sh"]', empty_layer: true },
        ],
      }),
    )
    expect(read).toEqual({
      created: '2024-05-01T12:00:00.123456789Z',
      platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
      config: {
        user: 'app',
        exposedPorts: ['80/tcp'],
        env: ['PATH=/bin'],
        cmd: ['sh'],
        volumes: ['/data'],
        workingDir: '/srv',
        labels: {},
        stopSignal: 'SIGINT',
        shell: ['/bin/sh', '-c'],
        onBuild: [],
        healthcheck: { test: ['CMD', 'true'], interval: 30_000_000_000, retries: 3 },
        argsEscaped: true,
      },
      rootfs: { type: 'layers', diffIds: [diffId] },
      history: [
        { created: '2024-05-01T12:00:00Z', createdBy: 'ADD file', comment: 'buildkit', emptyLayer: false },
        { createdBy: 'CMD ["sh"]', emptyLayer: true },
      ],
    })
  })

  test('reads a config with next to nothing in it', () => {
    expect(parseConfig(bytesOf({ config: null, history: null, rootfs: { diff_ids: null } }))).toEqual({
      platform: { os: '', architecture: '' },
      config: { env: [], exposedPorts: [], volumes: [], labels: {}, onBuild: [] },
      rootfs: { type: 'layers', diffIds: [] },
      history: [],
    })
  })

  test.each([
    [{}, 'rootfs', 'is missing'],
    [{ rootfs: [] }, 'rootfs', 'must be an object'],
    [{ rootfs: { diff_ids: ['sha256:a'] } }, 'rootfs.diff_ids[0]', 'here are 1'],
    [{ rootfs: { diff_ids: [1] } }, 'rootfs.diff_ids[0]', 'must be a digest'],
    [{ ...least, os: 1 }, 'os', 'must be a string'],
    [{ ...least, config: { Env: 'A=b' } }, 'config.Env', 'must be an array'],
    [{ ...least, config: { Labels: { a: {} } } }, 'config.Labels["a"]', 'must be a string'],
    [{ ...least, config: { ExposedPorts: ['80'] } }, 'config.ExposedPorts', 'must be an object'],
    [{ ...least, config: { Healthcheck: { Retries: -1 } } }, 'config.Healthcheck.Retries', 'whole number'],
    [{ ...least, history: [null] }, 'history[0]', 'must be an object'],
    [{ ...least, history: [{}, { empty_layer: 'yes' }] }, 'history[1].empty_layer', 'true or false'],
  ])('refuses %j at %s', (document, field, problem) => {
    let refusal: unknown
    try {
      parseConfig(bytesOf(document))
    } catch (error) {
      refusal = error
    }
    expect(refusal).toBeInstanceOf(InvalidDocumentError)
    expect(refusal).toHaveProperty('field', field)
    expect(refusal).toHaveProperty('message', expect.stringContaining(problem))
  })

  test('refuses more than 8 MiB', () => {
    expect(() => parseConfig(new Uint8Array(maxConfigBytesRead + 1))).toThrow(InvalidDocumentError)
  })

  test('gives a config or an InvalidDocumentError for any bytes and any JSON', () => {
    const any = fc.jsonValue()
    const part = (...names: readonly string[]) =>
      fc.oneof(fc.record(Object.fromEntries(names.map((name) => [name, any])), { requiredKeys: [] }), any)
    const nearly = fc.record(
      {
        os: any,
        config: part('Env', 'Labels', 'ExposedPorts', 'Healthcheck', 'User'),
        rootfs: fc.oneof(fc.constant(least.rootfs), part('type', 'diff_ids')),
        history: fc.oneof(fc.array(part('created', 'empty_layer')), any),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), nearly.map(bytesOf)), (bytes) => {
        try {
          expect(parseConfig(bytes).history).toBeInstanceOf(Array)
        } catch (error) {
          if (!(error instanceof InvalidDocumentError)) throw error
        }
      }),
      { numRuns: 500 },
    )
  })
})

function bytesOf(document: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(document))
}
