import type { FlagParametersForType } from '@stricli/core'

/** The flags of `lading serve`. */
export type ServeFlags = {
  readonly data?: string | undefined
  readonly listen?: string | undefined
  readonly config?: string | undefined
  readonly htpasswd?: string | undefined
  readonly tlsCert?: string | undefined
  readonly tlsKey?: string | undefined
  readonly externalUrl?: string | undefined
  readonly behindTlsProxy?: boolean | undefined
  readonly insecure?: boolean | undefined
  readonly quiet?: boolean | undefined
}

export const serveFlags: FlagParametersForType<ServeFlags> = {
  data: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'dir',
    brief: 'Folder that everything is kept in; default ~/.local/share/lading/registry',
  },
  listen: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'host:port',
    brief: 'Where to listen; default localhost:5000. :5000 is every address, port 0 a free one',
  },
  config: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'file',
    brief: 'Read this registry.yaml',
  },
  htpasswd: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'file',
    brief: 'Users and bcrypt hashes, as htpasswd -B writes them; watched',
  },
  tlsCert: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'file',
    brief: 'Speak https with this certificate (PEM); read again when it changes',
  },
  tlsKey: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'file',
    brief: 'The key of --tls-cert (PEM)',
  },
  externalUrl: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'url',
    brief: 'How clients reach it, where their requests do not say so: https://registry.example',
  },
  behindTlsProxy: {
    kind: 'boolean',
    optional: true,
    withNegated: false,
    brief: 'A proxy in front speaks https; its X-Forwarded-For, -Host and -Proto are believed',
  },
  insecure: {
    kind: 'boolean',
    optional: true,
    withNegated: false,
    brief: 'Listen beyond this machine without TLS; a container whose port is published to it needs that',
  },
  quiet: {
    kind: 'boolean',
    optional: true,
    withNegated: false,
    brief: 'No line for each request; warnings and errors only',
  },
}
