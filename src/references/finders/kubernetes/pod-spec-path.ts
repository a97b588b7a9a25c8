/** Where the objects of Kubernetes itself hold the specification of pods; undefined for those that hold none. */
export function podSpecPath(apiVersion: string, kind: string): string | undefined {
  const [group = '', version] = apiVersion.split('/')
  const isOwn = version === undefined || group === 'apps' || group === 'batch' || group === 'extensions'
  if (!isOwn) return undefined
  return podSpecPaths.get(kind)
}

const podSpecPaths: ReadonlyMap<string, string> = new Map([
  ['Pod', 'spec'],
  ['PodTemplate', 'template.spec'],
  ['ReplicationController', 'spec.template.spec'],
  ['Deployment', 'spec.template.spec'],
  ['ReplicaSet', 'spec.template.spec'],
  ['StatefulSet', 'spec.template.spec'],
  ['DaemonSet', 'spec.template.spec'],
  ['Job', 'spec.template.spec'],
  ['CronJob', 'spec.jobTemplate.spec.template.spec'],
])
