import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { dockerfileFinder } from './dockerfile.ts'

const projects = new URL('../../../test/fixtures/projects/', import.meta.url)

/** `line place = image, which line is edited`. */
async function imagesOf(project: string): Promise<readonly string[]> {
  const text = await readFile(new URL(`${project}/Dockerfile`, projects), 'utf8')
  const files = { read: async () => undefined }
  const findings = await dockerfileFinder.find({
    file: 'Dockerfile',
    text,
    isExact: true,
    files,
    customResources: [],
  })
  expect(findings?.problems).toEqual([])
  return (findings?.occurrences ?? []).map(({ range, place, target, edit }) => {
    const shown = target.kind === 'image' ? target.reference.familiar : `${target.kind}: ${target.reason}`
    return `${range.line} ${place} = ${shown}${edit.kind === 'reference' ? `, line ${edit.range.line}` : ''}`
  })
}

describe('dockerfileFinder: the projects of uv', () => {
  it('one stage', async () => {
    expect(await imagesOf('uv-single-stage')).toEqual([
      '1 syntax = docker/dockerfile:1, line 1',
      '4 FROM:ghcr.io/astral-sh/uv = ghcr.io/astral-sh/uv:0.9.5-python3.12-bookworm-slim, line 4',
    ])
  })

  it('several stages: the image in an argument is edited once', async () => {
    expect(await imagesOf('uv-multi-stage')).toEqual([
      '1 syntax = docker/dockerfile:1.9, line 1',
      '6 FROM:uv = ghcr.io/astral-sh/uv:0.9.5',
      '8 FROM:builder = python:3.12-slim-bookworm, line 2',
      '24 FROM:python = python:3.12-slim-bookworm, line 2',
      '27 COPY:busybox = busybox:1.37-uclibc, line 27',
    ])
  })

  it('a managed Python on a plain Debian', async () => {
    expect(await imagesOf('uv-managed-python')).toEqual([
      '2 syntax = docker/dockerfile:1@sha256:38387523653efa0039f8e1c89bb74a30504e76ee9f565e25c9a09841f9427b05, line 2',
      '4 FROM:builder = debian:bookworm-slim, line 4',
      '5 COPY:ghcr.io/astral-sh/uv = ghcr.io/astral-sh/uv:0.9.5, line 5',
      '21 ADD:https://mirrors.edge.kernel.org/pub/linux/kernel/Historic/linux-0.01.tar.gz = unlockable: it is a download, and its --checksum holds it to sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d',
      '23 FROM:debian = debian:bookworm-slim, line 23',
    ])
  })
})
