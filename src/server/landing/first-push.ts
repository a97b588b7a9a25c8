/** How clients reach the registry. */
export interface RegistryAddress {
  /** As in a reference: `localhost:5000`. */
  readonly host: string
  /** Whether it speaks https. */
  readonly secure: boolean
}

/** Command lines that bring an image into the registry, and what they need. */
export interface FirstPush {
  readonly tool: string
  readonly commands: readonly string[]
  /** Something that has to be set up before. */
  readonly note?: string | undefined
}

/** An image that anybody can pull, small. */
const image = 'docker.io/library/alpine:3.22'

/** How to bring the first image in, tool by tool. */
export function firstPush({ host, secure }: RegistryAddress): readonly FirstPush[] {
  const isLocal = /^(?:localhost|127\.[\d.]+|\[::1\])(?::|$)/.test(host)
  const target = `${host}/alpine:3.22`
  const plain = !secure && !isLocal
  return [
    {
      tool: 'docker',
      commands: [`docker pull ${image}`, `docker tag ${image} ${target}`, `docker push ${target}`],
      note: plain
        ? `The engine wants "insecure-registries": ["${host}"] in /etc/docker/daemon.json.`
        : undefined,
    },
    {
      tool: 'podman',
      commands: [
        `podman pull ${image}`,
        `podman push${secure ? '' : ' --tls-verify=false'} ${image} ${target}`,
      ],
    },
    {
      tool: 'skopeo',
      commands: [
        `skopeo copy --all${secure ? '' : ' --dest-tls-verify=false'} docker://${image} docker://${target}`,
      ],
    },
    { tool: 'crane', commands: [`crane copy${plain ? ' --insecure' : ''} ${image} ${target}`] },
    { tool: 'lading', commands: [`lading copy${plain ? ' --plain-http' : ''} ${image} ${target}`] },
  ]
}
