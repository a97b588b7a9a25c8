import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { digestOf, parseReference, withDefaultTag, withDigest } from '../oci/index.ts'
import type { Occurrence } from '../references/index.ts'
import { emitLock } from './emit-lock.ts'
import type { Lock } from './lock.ts'
import { parseMirror } from './mirror/parse-mirror.ts'

const digest = digestOf(Buffer.from('a'))
const other = digestOf(Buffer.from('b'))

test('a source policy of BuildKit gives each tag its digest', () => {
  expect(emitted('buildkit-policy', ['python:3.12', `redis:7@${digest}`])).toBe(`{
  "rules": [
    {
      "action": "CONVERT",
      "selector": {
        "identifier": "docker-image://docker.io/library/python:3.12"
      },
      "updates": {
        "identifier": "docker-image://docker.io/library/python:3.12@${digest}"
      }
    }
  ]
}
`)
})

test('a Bake file has a target whose contexts are the images, as BuildKit names them', () => {
  const text = emitted('bake', ['python:3.12', 'redis', 'ghcr.io/me/app:1'])
  expect(JSON.parse(text)).toEqual({
    target: {
      lading: {
        contexts: {
          'python:3.12': `docker-image://docker.io/library/python:3.12@${digest}`,
          redis: `docker-image://docker.io/library/redis:latest@${digest}`,
          'ghcr.io/me/app:1': `docker-image://ghcr.io/me/app:1@${digest}`,
        },
      },
    },
  })
})

test('an override of compose has the image of each service', () => {
  const places = [
    ['compose.yaml', 'services.web.image', 'nginx'],
    ['compose.yaml', 'services.db.image', 'postgres:16'],
    ['Dockerfile', 'FROM:build', 'golang:1'],
    ['compose.yaml', 'services.app.build.args.image', 'node:24'],
    ['compose.yaml', 'services.app.build.additional_contexts.image', 'node:24'],
  ] as const
  expect(emitted('compose', places)).toBe(`services:
  db:
    image: postgres:16@${digest}
  web:
    image: nginx:latest@${digest}
`)
})

test('a component of kustomize has the images as manifests write them', () => {
  const places = [
    ['k8s/web.yaml', 'Deployment/web.image', 'docker.io/nginx:1.27'],
    ['k8s/db.yaml', 'StatefulSet/db.image', 'postgres:16'],
    ['compose.yaml', 'services.db.image', 'redis:7'],
    ['chart/values.yaml', 'image', 'redis:7'],
    ['.github/workflows/ci.yml', 'jobs.test.container', 'node:24'],
  ] as const
  expect(emitted('kustomize', places)).toBe(`apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
images:
  - name: docker.io/nginx
    digest: ${digest}
  - name: postgres
    digest: ${digest}
`)
})

test('with a mirror all images are taken from there', () => {
  const mirror = parseMirror('mirror.example/cache')
  const places = [
    occurrence('nginx:1', 'k8s/web.yaml', 'x'),
    occurrence('nginx:1', 'compose.yaml', 'services.web.image'),
  ]
  const lock = lockOf(['nginx:1'])
  const at = `mirror.example/cache/docker.io/library/nginx`
  for (const [form, text] of [
    ['buildkit-policy', `"identifier": "docker-image://${at}:1@${digest}"`],
    ['bake', `"nginx:1": "docker-image://${at}:1@${digest}"`],
    ['compose', `    image: ${at}:1@${digest}\n`],
    ['kustomize', `  - name: nginx\n    newName: ${at}\n    digest: ${digest}\n`],
  ] as const)
    expect(emitLock(form, lock, places, mirror)).toEqual({ text: expect.stringContaining(text) as unknown })
})

test('with a mirror what the sources have a digest of is taken from there too', () => {
  const mirror = parseMirror('mirror.example')
  const key = `docker.io/library/nginx:1@${digest}`
  const inMirror = 'mirror.example/quay.io/app:1'
  const lock = lockOf([key, inMirror, `mirror.example/quay.io/app:2@${digest}`])
  const at = (name: string): string => `docker-image://mirror.example/${name}@${digest}`
  expect(parsed(emitLock('buildkit-policy', lock, [], mirror))).toEqual({
    rules: [
      {
        action: 'CONVERT',
        selector: { identifier: `docker-image://${key}` },
        updates: { identifier: at('docker.io/library/nginx:1') },
      },
      {
        action: 'CONVERT',
        selector: { identifier: `docker-image://${inMirror}` },
        updates: { identifier: at('quay.io/app:1') },
      },
    ],
  })
  expect(parsed(emitLock('bake', lock, [], mirror))).toEqual({
    target: {
      lading: {
        contexts: {
          [`nginx:1@${digest}`]: at('docker.io/library/nginx:1'),
          [inMirror]: at('quay.io/app:1'),
        },
      },
    },
  })
})

test('whatever a service is called, compose reads the same name and image', () => {
  const service = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.string({ minLength: 1 }),
    fc.constantFrom(
      'no',
      'e0',
      'E+1',
      '1.0',
      '~',
      '- a',
      'a: b',
      'a #b',
      '"',
      "'",
      '\u0085',
      '\u2028',
      '<<',
      '__proto__',
      '*a',
      '!b',
    ),
  )
  const image = fc.constantFrom(
    'nginx:1',
    'redis',
    'localhost:5000/a:1',
    '[::1]:5000/a:latest',
    'quay.io/a/b__c:x.y-z',
  )
  const services = fc.dictionary(service.filter(isOneLine), image, { minKeys: 1, noNullPrototype: true })
  fc.assert(
    fc.property(services, (images) => {
      const places = Object.entries(images).map(
        ([name, text]) => ['compose.yaml', `services.${name}.image`, text] as const,
      )
      const read: unknown = parseYaml(emitted('compose', places), { version: '1.1' })
      const wanted = Object.entries(images).map(([name, text]): [string, unknown] => [
        name,
        { image: withDigest(withDefaultTag(parseReference(text)), digest).familiar },
      ])
      expect(read).toEqual({ services: Object.fromEntries<unknown>(wanted) })
    }),
  )
})

test('what a form cannot say is not left out', () => {
  const lock = lockOf(['nginx:1', 'nginx:2'])
  const differing = {
    ...lock,
    images: Object.fromEntries(
      Object.entries(lock.images).map(([key, image]) => [
        key,
        key.endsWith('2') ? { ...image, digest: other } : image,
      ]),
    ),
  }
  const manifests = [occurrence('nginx:1', 'a.yaml', 'x'), occurrence('nginx:2', 'b.yaml', 'x')]
  expect(emitLock('kustomize', differing, manifests)).toEqual({
    problem: 'nginx is used with several tags, and kustomize gives a name one digest',
  })
  const services = [
    occurrence('nginx:1', 'a/compose.yaml', 'services.web.image'),
    occurrence('nginx:2', 'b/compose.yaml', 'services.web.image'),
  ]
  expect(emitLock('compose', differing, services)).toMatchObject({
    problem: expect.stringContaining('web') as unknown,
  })
  const kustomization = [occurrence('nginx:1', 'k8s/kustomization.yaml', 'images.nginx')]
  expect(emitLock('kustomize', lock, kustomization)).toMatchObject({
    problem: expect.stringContaining('lading pin') as unknown,
  })
  expect(emitLock('compose', lock, [])).toMatchObject({ problem: expect.any(String) as unknown })
})

/** The place of a service ends no line: YAML would have read it as another key. */
function isOneLine(name: string): boolean {
  return !/[\n\r]/.test(name) && name.isWellFormed()
}

function parsed(answer: ReturnType<typeof emitLock>): unknown {
  return 'text' in answer ? JSON.parse(answer.text) : answer
}

type Place = string | readonly [file: string, place: string, text: string]

function emitted(form: Parameters<typeof emitLock>[0], places: readonly Place[]): string {
  const occurrences = places.map((place) =>
    typeof place === 'string'
      ? occurrence(place, 'Dockerfile', `FROM:${place}`)
      : occurrence(place[2], place[0], place[1]),
  )
  const answer = emitLock(form, lockOf(occurrences.map(({ text }) => text)), occurrences)
  return 'text' in answer ? answer.text : answer.problem
}

function lockOf(names: readonly string[]): Lock {
  const image = {
    digest,
    mediaType: 'x',
    size: 1,
    resolvedAt: '',
    platforms: {},
    usedBy: [],
    signatures: { status: 'none-found', searched: [], acceptedBy: 'first-use' },
  } as const
  return { images: Object.fromEntries(names.map((name) => [keyOf(name), image])), signers: {} }
}

function keyOf(name: string): string {
  const { canonical, tag } = parseReference(name)
  return tag === undefined ? `${canonical}:latest` : canonical
}

function occurrence(text: string, file: string, place: string): Occurrence {
  const range = { start: 0, end: 1, line: 1, column: 1 }
  return {
    file,
    place,
    range,
    text,
    target: { kind: 'image', reference: parseReference(text) },
    origins: [],
    edit: { kind: 'none', reason: '' },
  }
}
