import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeOccurrence, type ProjectTexts } from '../../test/fixtures/describe-occurrences.ts'
import { findReferences } from './find-references.ts'

const projects = join(import.meta.dirname, '../../test/fixtures/projects')

async function found(project: string): Promise<readonly string[]> {
  const root = join(projects, project)
  const { occurrences, problems } = await findReferences(root)
  expect(problems).toStrictEqual([])
  const texts = await readTexts(root)
  return occurrences.map((one) => `${one.file}#${describeOccurrence(one, texts)}`)
}

async function readTexts(root: string): Promise<ProjectTexts> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const texts: Record<string, string> = {}
  for (const { parentPath, name } of entries.filter((entry) => entry.isFile())) {
    const file = join(parentPath, name)
    texts[relative(root, file).split(sep).join('/')] = await readFile(file, 'utf8')
  }
  return texts
}

describe('findReferences(): whole projects', () => {
  it('a shop with Dockerfiles, compose, Helm, Kustomize and a pipeline of GitLab', async () => {
    expect(await found('node-shop')).toMatchInlineSnapshot(`
      [
        ".gitlab-ci.yml#default.image = node:24.10 (NODE_IMAGE=node:24.10)",
        ".gitlab-ci.yml#test.services[db] = postgres:17-alpine",
        ".gitlab-ci.yml#publish.image unresolved: the file gives CI_REGISTRY no value",
        ".gitlab-ci.yml#lint.image.name = hadolint/hadolint:v2.14.0-debian",
        "api/Dockerfile#syntax = docker/dockerfile:1",
        "api/Dockerfile#FROM:base = node:22-slim (NODE_VERSION=22), not pinned: it is put together with NODE_VERSION; an ARG whose default is the whole image can be",
        "api/Dockerfile#FROM:gcr.io/distroless/nodejs24-debian12 = gcr.io/distroless/nodejs24-debian12",
        "chart/templates/deployment.yaml#image:"{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}" unresolved: a template fills it in",
        "chart/templates/deployment.yaml#image:{{ .Values.metrics.image }} unresolved: a template fills it in",
        "chart/values.yaml#image = ghcr.io/acme/shop-api:2.4.0 (appVersion=2.4.0), not pinned: its tag is the appVersion of Chart.yaml",
        "chart/values.yaml#wait.image = busybox:1.37",
        "chart/values.yaml#metrics.image = prom/statsd-exporter:v0.28.0",
        "compose.yaml#services.api.build.args.NODE_VERSION = node:24.10-slim (NODE_VERSION=24.10), not pinned: the argument is only a part of the image",
        "compose.yaml#services.db.image = postgres:17-alpine (POSTGRES_TAG=17-alpine), not pinned: it is put together with POSTGRES_TAG",
        "compose.yaml#services.cache.image = redis:8.2",
        "compose.yaml#services.proxy.build.dockerfile_inline#FROM:caddy = caddy:2.10",
        "deploy/base/web.yaml#Deployment/web.spec.template.spec.initContainers[name=migrate].image = flyway/flyway:11",
        "deploy/base/web.yaml#Deployment/web.spec.template.spec.containers[name=web].image = ghcr.io/acme/shop-web",
        "deploy/base/web.yaml#CronJob/report.spec.jobTemplate.spec.template.spec.containers[name=report].image = python:3.13-slim",
        "deploy/production/kustomization.yaml#images[name=ghcr.io/acme/shop-web] = ghcr.io/acme/shop-web:2.4.0",
        "deploy/production/kustomization.yaml#images[name=flyway/flyway] = mirror.example.com/flyway/flyway:11.14",
        "web/Dockerfile#FROM:build = node:24.10-slim",
        "web/Dockerfile#FROM:nginx = nginx:1.29-alpine",
      ]
    `)
  })

  it('a project of uv with compose and a workflow', async () => {
    expect(await found('uv-single-stage')).toMatchInlineSnapshot(`
      [
        ".github/workflows/test.yaml#jobs.test.container = ghcr.io/astral-sh/uv:0.9.5-python3.12-bookworm-slim",
        ".github/workflows/test.yaml#jobs.test.services.db.image = postgres:17.2-alpine",
        ".github/workflows/test.yaml#jobs.test.steps[].uses = hadolint/hadolint:v2.12.0",
        "Dockerfile#syntax = docker/dockerfile:1",
        "Dockerfile#FROM:ghcr.io/astral-sh/uv = ghcr.io/astral-sh/uv:0.9.5-python3.12-bookworm-slim",
        "compose.yaml#services.db.image = postgres:17.2-alpine, not pinned: it is put together with POSTGRES_VERSION",
      ]
    `)
  })

  it('a service of Go with Bake and stages for several platforms', async () => {
    expect(await found('go-service')).toMatchInlineSnapshot(`
      [
        "Dockerfile#syntax = docker/dockerfile:1.19",
        "Dockerfile#FROM:xx = tonistiigi/xx:1.6.1",
        "Dockerfile#FROM:build = golang:1.25-alpine",
        "Dockerfile#FROM:certificates = alpine:3.21",
        "Dockerfile#FROM:gcr.io/distroless/static-debian12 = gcr.io/distroless/static-debian12:nonroot (RUNTIME=gcr.io/distroless/static-debian12:nonroot)",
        "docker-bake.hcl#target.service.contexts.certificates = alpine:3.22 (ALPINE=alpine:3.22)",
        "docker-bake.hcl#target.debug.args.RUNTIME = gcr.io/distroless/base-debian12:debug",
      ]
    `)
  })
})
