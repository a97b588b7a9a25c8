import { describe, expect, test } from 'vitest'
import type { Descriptor } from './descriptor.ts'
import { digestOf } from './digest.ts'
import { chainIds, historyWithLayers } from './history.ts'
import type { HistoryEntry, ImageConfig } from './image-config.ts'
import { mediaTypes } from './media-types.ts'

const one = layerOf('one')
const two = layerOf('two')
const diffIds = [one.digest, two.digest]

const add: HistoryEntry = { createdBy: 'ADD', emptyLayer: false }
const env: HistoryEntry = { createdBy: 'ENV', emptyLayer: true }
const run: HistoryEntry = { createdBy: 'RUN', emptyLayer: false }

describe('historyWithLayers()', () => {
  test('gives each entry that made a layer the next one', () => {
    expect(historyWithLayers(config([add, env, run]), [one, two])).toEqual({
      aligned: true,
      steps: [
        { history: add, layer: one, diffId: one.digest },
        { history: env },
        { history: run, layer: two, diffId: two.digest },
      ],
    })
  })

  test.each([
    ['no history, as apko writes it', []],
    ['less history than layers, as ko writes it', [env, run]],
    ['more history than layers, as a squashed image has it', [add, run, run]],
  ])('pairs nothing where there is %s', (_what, history) => {
    expect(historyWithLayers(config(history), [one, two])).toEqual({
      aligned: false,
      steps: [
        ...history.map((entry) => ({ history: entry })),
        { layer: one, diffId: one.digest },
        { layer: two, diffId: two.digest },
      ],
    })
  })

  test('does without diff IDs', () => {
    const bare = { ...config([add]), rootfs: { type: 'layers', diffIds: [] } }
    expect(historyWithLayers(bare, [one])).toEqual({ aligned: true, steps: [{ history: add, layer: one }] })
  })
})

describe('chainIds()', () => {
  test('hashes each diff ID with the chain below it', () => {
    const second = digestOf(new TextEncoder().encode(`${one.digest} ${two.digest}`))
    const third = digestOf(new TextEncoder().encode(`${second} ${one.digest}`))
    expect(chainIds([one.digest, two.digest, one.digest])).toEqual([one.digest, second, third])
    expect(chainIds([])).toEqual([])
  })
})

function config(history: readonly HistoryEntry[]): ImageConfig {
  return {
    platform: { os: 'linux', architecture: 'amd64' },
    config: { env: [], exposedPorts: [], volumes: [], labels: {}, onBuild: [] },
    rootfs: { type: 'layers', diffIds },
    history,
  }
}

function layerOf(text: string): Descriptor {
  const bytes = new TextEncoder().encode(text)
  return { mediaType: mediaTypes.ociLayer, digest: digestOf(bytes), size: bytes.length }
}
