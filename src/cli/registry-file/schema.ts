import {
  array,
  boolean,
  description,
  type GenericSchema,
  integer,
  maxValue,
  minLength,
  minValue,
  number,
  optional,
  picklist,
  pipe,
  record,
  regex,
  strictObject,
  string,
} from 'valibot'
import { durationPattern, sizePattern } from './quantities.ts'
import type { RegistryFile } from './registry-file.ts'

const duration = pipe(
  string(),
  regex(durationPattern, 'a time is a number with its unit: 90s, 5m, 24h, 7d, 9999w'),
)

const size = pipe(string(), regex(sizePattern, 'a size is a number with its unit: 512KiB, 4MiB, 64GiB, 2TB'))

const names = pipe(array(pipe(string(), minLength(1))), minLength(1))

const accessSchema = strictObject({
  htpasswd: optional(
    pipe(string(), description('A file of users and bcrypt hashes, as htpasswd -B writes it. Watched.')),
  ),
  groups: optional(pipe(record(string(), array(string())), description('Users by group.'))),
  rules: optional(
    pipe(
      array(
        strictObject({
          repositories: pipe(
            string(),
            description('A pattern over whole names: team/**, library/*, **; * stays within one component.'),
          ),
          users: optional(names),
          groups: optional(names),
          anonymous: optional(pipe(boolean(), description('Everybody, also who shows nothing.'))),
          authenticated: optional(pipe(boolean(), description('Everybody who showed a right password.'))),
          workloads: optional(
            pipe(
              array(
                strictObject({
                  issuer: pipe(string(), description('One of issuers, by its url.')),
                  claims: pipe(
                    record(string(), string()),
                    description('Claims that all have to match; * stands for any text.'),
                  ),
                }),
              ),
              description('Tokens of outside issuers: CI jobs, Kubernetes service accounts.'),
            ),
          ),
          allow: pipe(array(picklist(['pull', 'push', 'delete'])), minLength(1)),
        }),
      ),
      description(
        'Who may do what. What no rule allows is refused; without rules every user may everything.',
      ),
    ),
  ),
  issuers: optional(
    pipe(
      array(
        strictObject({
          url: pipe(
            string(),
            description('As the iss claim says it: https://token.actions.githubusercontent.com'),
          ),
          audience: pipe(string(), minLength(1), description('What the aud claim must have.')),
          caFile: optional(pipe(string(), description('PEM file of the authorities to trust for it.'))),
        }),
      ),
      description('Outside issuers of tokens, found by OIDC discovery.'),
    ),
  ),
  tokenLifetime: optional(
    pipe(duration, description("How long the registry's own tokens are good for; 5m.")),
  ),
})

const limitsSchema = strictObject({
  blobSize: optional(pipe(size, description('The largest blob; 64GiB.'))),
  manifestSize: optional(
    pipe(
      string(),
      // Manifests are kept in records, which have a bound of their own.
      regex(/^(?:[1-7]MiB|[1-9]\d{0,2}KiB)$/, 'a manifest size is at most 7MiB: 512KiB, 4MiB'),
      description('The largest manifest, at most 7MiB; 4MiB.'),
    ),
  ),
  repositorySize: optional(pipe(size, description('The most that a repository may hold; no bound.'))),
  requestsPerMinute: optional(
    pipe(
      number(),
      integer(),
      minValue(1),
      description("A client address's requests a minute, on average; no bound."),
    ),
  ),
  connections: optional(
    pipe(number(), integer(), minValue(1), maxValue(1_000_000), description('Connections at once; 10000.')),
  ),
})

const collectionSchema = strictObject({
  gracePeriod: optional(pipe(duration, description('How long what lost its last reference stays; 7d.'))),
  uploadExpiry: optional(pipe(duration, description('How long an upload may lie still; 24h.'))),
  condemned: optional(pipe(duration, description('How long a condemned blob waits for its deletion; 10m.'))),
  interval: optional(pipe(duration, description('Time between two rounds; 60s. 0s collects nothing.'))),
})

/** The schema of `registry.yaml`; unknown keys are refused. */
export const registryFileSchema: GenericSchema<unknown, RegistryFile> = strictObject({
  data: optional(
    pipe(string(), description('The folder that everything is kept in; ~/.local/share/lading/registry.')),
  ),
  listen: optional(pipe(string(), description('HOST:PORT; localhost:5000.'))),
  externalUrl: optional(
    pipe(
      string(),
      description('How clients reach the server, where requests do not say it: https://registry.example'),
    ),
  ),
  tls: optional(
    strictObject({
      certificate: pipe(
        string(),
        description(
          'PEM file: the certificate, then those that lead to its authority. Read again when it changes.',
        ),
      ),
      key: pipe(string(), description('PEM file of its key.')),
    }),
  ),
  behindTlsProxy: optional(
    pipe(
      boolean(),
      description('A proxy in front speaks https; X-Forwarded-For, -Host and -Proto are believed.'),
    ),
  ),
  insecure: optional(pipe(boolean(), description('Listen beyond this machine without TLS.'))),
  access: optional(accessSchema),
  limits: optional(limitsSchema),
  immutableTags: optional(
    pipe(
      array(strictObject({ repositories: string(), tags: names })),
      description('Tags that stay with their digest once they are set; globs over tags: v*.'),
    ),
  ),
  collection: optional(collectionSchema),
  log: optional(
    strictObject({
      level: optional(picklist(['debug', 'info', 'warn', 'error'])),
    }),
  ),
})
