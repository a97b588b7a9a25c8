import { describe, expect, it } from 'vitest'
import { describeOccurrence, findIn, type ProjectTexts } from '../../../test/fixtures/describe-occurrences.ts'
import type { Finder } from '../finder.ts'
import { githubActionsFinder } from './github-actions.ts'
import { gitlabCiFinder } from './gitlab-ci.ts'
import { helmFinder } from './helm.ts'
import { kubernetesFinder } from './kubernetes.ts'
import { kustomizeFinder } from './kustomize.ts'

type Row = readonly [name: string, text: string, expected: readonly string[]]

async function found(
  finder: Finder,
  file: string,
  text: string,
  others: ProjectTexts = {},
): Promise<readonly string[]> {
  expect(finder.mayBe(file)).toBe(true)
  expect(finder.mayHold(text)).toBe(true)
  const project = { ...others, [file]: text }
  const findings = await findIn(finder, file, project)
  expect(findings?.problems).toStrictEqual([])
  return (findings?.occurrences ?? [])
    .toSorted((one, other) => one.range.start - other.range.start)
    .map((one) => describeOccurrence(one, project))
}

function object(apiVersion: string, kind: string, rest: string): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\n${rest}\n`
}

const pod = '{containers: [{name: a, image: "a:1"}]}'

describe('kubernetesFinder', () => {
  it.each<Row>([
    ['Pod', object('v1', 'Pod', `spec: ${pod}`), ['Pod/x.spec.containers[name=a].image = a:1']],
    [
      'PodTemplate',
      object('v1', 'PodTemplate', `template: {spec: ${pod}}`),
      ['PodTemplate/x.template.spec.containers[name=a].image = a:1'],
    ],
    ...['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'].map((kind): Row => [
      kind,
      object('apps/v1', kind, `spec: {template: {spec: ${pod}}}`),
      [`${kind}/x.spec.template.spec.containers[name=a].image = a:1`],
    ]),
    [
      'ReplicationController',
      object('v1', 'ReplicationController', `spec: {template: {spec: ${pod}}}`),
      ['ReplicationController/x.spec.template.spec.containers[name=a].image = a:1'],
    ],
    [
      'Job',
      object('batch/v1', 'Job', `spec: {template: {spec: ${pod}}}`),
      ['Job/x.spec.template.spec.containers[name=a].image = a:1'],
    ],
    [
      'CronJob',
      object('batch/v1', 'CronJob', `spec: {jobTemplate: {spec: {template: {spec: ${pod}}}}}`),
      ['CronJob/x.spec.jobTemplate.spec.template.spec.containers[name=a].image = a:1'],
    ],
    [
      'init containers, ephemeral ones, volumes',
      object(
        'v1',
        'Pod',
        [
          'spec:',
          '  initContainers: [{name: i, image: i:1}]',
          '  ephemeralContainers: [{name: e, image: e:1}]',
          '  volumes: [{name: v, image: {reference: v:1}}]',
        ].join('\n'),
      ),
      [
        'Pod/x.spec.initContainers[name=i].image = i:1',
        'Pod/x.spec.ephemeralContainers[name=e].image = e:1',
        'Pod/x.spec.volumes[name=v].image.reference = v:1',
      ],
    ],
    [
      'several documents',
      `${object('v1', 'Pod', `spec: ${pod}`)}---\n---\n${object('v1', 'Pod', 'spec: {containers: [{image: b:1.20}]}')}`,
      ['Pod/x.spec.containers[name=a].image = a:1', 'Pod/x.spec.containers[].image = b:1.20'],
    ],
    [
      'a List',
      `apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: Pod, spec: ${pod}}\n`,
      ['Pod.spec.containers[name=a].image = a:1'],
    ],
    [
      'places that would be the same',
      object('v1', 'Pod', 'spec: {containers: [{image: b:1}, {image: c:1}]}'),
      ['Pod/x.spec.containers[].image:b:1 = b:1', 'Pod/x.spec.containers[].image:c:1 = c:1'],
    ],
    ['a kind that is another’s', object('example.com/v1', 'Job', `spec: {template: {spec: ${pod}}}`), []],
    [
      'a template in a value',
      object('v1', 'Pod', 'spec: {containers: [{name: a, image: "{{ .Values.image }}"}]}'),
      ['Pod/x.spec.containers[name=a].image unresolved: a template fills it in'],
    ],
    [
      'a template that is no YAML',
      object(
        'v1',
        'Pod',
        'spec:\n  containers:\n    {{- if x }}\n    - image: {{ .a }}:{{ .b }}\n    {{- end }}',
      ),
      ['image:{{ .a }}:{{ .b }} unresolved: a template fills it in'],
    ],
  ])('%s', async (_, text, expected) => {
    expect(await found(kubernetesFinder, 'a.yaml', text)).toStrictEqual(expected)
  })

  it('looks at the paths of custom resources', async () => {
    const text = object('ci.example.com/v1', 'Runner', 'spec: {runners: [{id: r, image: r:1}], base: b:1}')
    const customResources = [
      { kind: 'Runner', apiVersion: 'ci.example.com', paths: ['spec.runners[].image', 'spec.base'] },
      { kind: 'Runner', apiVersion: 'other.example.com', paths: ['spec.runners[].id'] },
    ]
    const input = {
      file: 'a.yaml',
      text,
      isExact: true,
      files: { read: async () => undefined },
      customResources,
    }
    const findings = await kubernetesFinder.find(input)
    expect(findings?.occurrences.map((one) => describeOccurrence(one, { 'a.yaml': text }))).toStrictEqual([
      'Runner/x.spec.runners[id=r].image = r:1',
      'Runner/x.spec.base = b:1',
    ])
  })

  it('knows another kind of YAML', async () => {
    expect(await findIn(kubernetesFinder, 'a.yaml', { 'a.yaml': 'openapi: 3\nimage: b\n' })).toBeUndefined()
  })
})

describe('helmFinder', () => {
  const digest = `sha256:${'a'.repeat(64)}`
  const noDigest = 'not pinned: it has no digest beside its tag; add digest: "" where the chart reads one'
  it.each<Row>([
    ['a text', 'web:\n  image: "nginx:1.27"\n', ['web.image = nginx:1.27']],
    ['a text of another name', 'sidecarImage: a/b:1\n', ['sidecarImage = a/b:1']],
    [
      'parts with a digest of their own',
      'image:\n  registry: ghcr.io\n  repository: a/b\n  tag: 1.20\n  digest: ""\n',
      ['image = ghcr.io/a/b:1.20'],
    ],
    ['a digest', `image: {repository: a/b, tag: "1", digest: "${digest}"}\n`, [`image = a/b:1@${digest}`]],
    ['no digest', 'image:\n  repository: a/b\n  tag: "1"\n', [`image = a/b:1, ${noDigest}`]],
    [
      'a global registry',
      'global: {imageRegistry: r.io}\nimage: {repository: a, tag: 1}\n',
      [`image = r.io/a:1, ${noDigest}`],
    ],
    [
      'the version of the chart',
      'image:\n  repository: a/b\n  tag: ""\n',
      ['image = a/b:2.10 (appVersion=2.10), not pinned: its tag is the appVersion of Chart.yaml'],
    ],
    ['a list', 'jobs:\n  - name: x\n    image: a:1\n', ['jobs[name=x].image = a:1']],
    ['what is no image', 'repository: https://charts.example.com\nimage: null\nimagePullPolicy: a/b\n', []],
  ])('%s', async (_, text, expected) => {
    expect(
      await found(helmFinder, 'chart/values.yaml', text, { 'chart/Chart.yaml': 'appVersion: 2.10\n' }),
    ).toStrictEqual(expected)
  })

  it('refuses aliases of aliases, which would be ever more values', async () => {
    const levels = Array.from(
      { length: 40 },
      (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]`,
    )
    const text = ['a0: &a0 {image: "a:1"}', ...levels].join('\n')
    const findings = await findIn(helmFinder, 'values.yaml', { 'values.yaml': text })
    expect(findings?.problems).toMatchObject([{ message: 'it has more than 200000 values' }])
  })

  it('does not guess the tag of values without a chart', async () => {
    expect(await found(helmFinder, 'values-prod.yaml', 'image: {repository: a}\n')).toStrictEqual([
      'image unresolved: it has no tag, and no Chart.yaml beside it says an appVersion',
    ])
  })

  it('lists what templates put together', async () => {
    const text =
      'spec:\n  {{- with .Values }}\n  - image: "{{ .image }}:{{ .tag }}" # x\n  {{- end }}\n  - image: "a:1" # y\r\n    image: b:2\n'
    expect(await found(helmFinder, 'chart/templates/web.yaml', text)).toStrictEqual([
      'image:"{{ .image }}:{{ .tag }}" unresolved: a template fills it in',
      'image:a = a:1',
      'image:b = b:2',
    ])
  })
})

describe('kustomizeFinder', () => {
  it.each<Row>([
    ['a tag', 'images:\n  - name: a\n    newTag: 1.20\n', ['images[name=a] = a:1.20']],
    ['a name', 'images:\n  - name: a\n    newName: r.io/b\n    newTag: v1\n', ['images[name=a] = r.io/b:v1']],
    [
      'a name alone',
      'images:\n  - name: a\n    newName: r.io/b\n',
      ['images[name=a] unresolved: its tag is that of the image that it takes the place of'],
    ],
    ['nothing new', 'images:\n  - name: a\n', []],
    ['no map', 'images: [a, b]\n', []],
  ])('%s', async (_, text, expected) => {
    expect(await found(kustomizeFinder, 'overlay/kustomization.yaml', text)).toStrictEqual(expected)
  })
})

describe('githubActionsFinder', () => {
  it.each<Row>([
    ['a container', 'jobs:\n  t:\n    container: a:1\n', ['jobs.t.container = a:1']],
    ['a container with more', 'jobs:\n  t:\n    container: {image: a:1}\n', ['jobs.t.container.image = a:1']],
    [
      'services',
      'jobs:\n  t:\n    services:\n      db:\n        image: postgres:16\n',
      ['jobs.t.services.db.image = postgres:16'],
    ],
    [
      'steps',
      'jobs:\n  t:\n    steps:\n      - uses: actions/checkout@v4\n      - name: x\n        uses: docker://a:1\n',
      ['jobs.t.steps[name=x].uses = a:1'],
    ],
    [
      'an expression',
      'jobs:\n  t:\n    container: python:${{ matrix.v }}\n',
      ['jobs.t.container unresolved: an expression (${{ … }}) fills it in'],
    ],
    ['no container', 'jobs:\n  t:\n    container: ""\n', []],
  ])('%s', async (_, text, expected) => {
    expect(await found(githubActionsFinder, '.github/workflows/ci.yml', text)).toStrictEqual(expected)
  })

  it.each<Row>([
    ['an image', 'runs: {using: docker, image: "docker://a:1"}\n', ['runs.image = a:1']],
    ['a Dockerfile', 'runs: {using: docker, image: Dockerfile}\n', []],
    [
      'steps',
      'runs: {using: composite, steps: [{uses: "docker://a:1"}]} # container\n',
      ['runs.steps[].uses = a:1'],
    ],
  ])('an action: %s', async (_, text, expected) => {
    expect(await found(githubActionsFinder, 'tool/action.yml', text)).toStrictEqual(expected)
  })
})

describe('gitlabCiFinder', () => {
  it.each<Row>([
    [
      'global, default, job',
      'image: a:1\ndefault:\n  image: {name: b:1, entrypoint: [""]}\ntest:\n  image: c:1\n',
      ['image = a:1', 'default.image.name = b:1', 'test.image = c:1'],
    ],
    [
      'services',
      'test:\n  services:\n    - postgres:16\n    - {name: "redis:7", alias: cache}\n',
      ['test.services[postgres] = postgres:16', 'test.services[cache] = redis:7'],
    ],
    [
      'variables',
      'variables:\n  V: 3.20\n  R: {value: r.io}\ntest:\n  variables: {V: "4"}\n  image: $R/a:${V}\n',
      ['test.image = r.io/a:4 (R=r.io, V=4), not pinned: it is put together with R, V'],
    ],
    [
      'a variable that is the image',
      'variables:\n  IMAGE: a:1\ntest:\n  image: ${IMAGE} # it\n  services: ["b:1"]\n',
      ['test.image = a:1 (IMAGE=a:1)', 'test.services[b] = b:1'],
    ],
    [
      'a variable that is the image, and a part of something else',
      'variables:\n  IMAGE: a:1\ntest:\n  image: $IMAGE\n  script: ["echo $IMAGE-x"]\n',
      ['test.image = a:1 (IMAGE=a:1), not pinned: it is put together with IMAGE'],
    ],
    [
      'a variable from outside',
      'test:\n  image: $CI_REGISTRY_IMAGE/a:1\n',
      ['test.image unresolved: the file gives CI_REGISTRY_IMAGE no value'],
    ],
    ['a variable that is itself', 'variables: {A: "$A$A"}\ntest:\n  image: $A\n', ['test.image unresolved']],
    [
      'a reference',
      '.base:\n  image: a:1\ntest:\n  image: !reference [.base, image]\n',
      ['.base.image = a:1', 'test.image = a:1'],
    ],
    ['no job', 'include: [{local: x.yml}] # image\nstages: [image]\n', []],
  ])('%s', async (_, text, expected) => {
    const lines = await found(gitlabCiFinder, '.gitlab-ci.yml', text)
    expect(lines.map((line) => line.replace(/unresolved: cannot read .*/, 'unresolved'))).toStrictEqual(
      expected,
    )
  })
})

it.each([helmFinder, kustomizeFinder, githubActionsFinder, gitlabCiFinder, kubernetesFinder])(
  '$name says where YAML does not parse',
  async (finder) => {
    const text = 'apiVersion: v1\nkind: image\njobs:\n\timage: a\n'
    const findings = await findIn(finder, 'values.yaml', { 'values.yaml': text })
    expect(findings?.problems).toMatchObject([{ file: 'values.yaml', line: 4, column: 1 }])
    expect(findings?.problems[0]?.hint).toContain('blanks')
  },
)
