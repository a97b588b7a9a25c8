import {
  boolean,
  check,
  description,
  type GenericSchema,
  minLength,
  optional,
  pipe,
  regex,
  strictObject,
  string,
} from 'valibot'
import { githubOwner, githubRepository, githubWorkflow } from '../verification/github-names.ts'
import type { GithubSection, SignerSection } from './trust-section.ts'

const text = pipe(string(), minLength(1, 'it is empty'))

/** A ref or a glob of refs, whole. */
export const refPattern: GenericSchema<string, string> = pipe(
  string(),
  regex(/^refs\/[^\s]+$/, 'a ref is written whole: refs/heads/main, refs/tags/v*'),
)

const github: GenericSchema<unknown, GithubSection> = pipe(
  strictObject({
    owner: optional(
      pipe(
        string(),
        regex(githubOwner, 'it is no name of GitHub; with a slash it is a repository'),
        description('Built from any repository of this user or organization.'),
      ),
    ),
    repository: optional(
      pipe(
        string(),
        regex(githubRepository, 'a repository is written OWNER/NAME'),
        description('Built from this repository: OWNER/NAME.'),
      ),
    ),
    workflow: optional(
      pipe(
        string(),
        check(
          (value) => isPathInRepository(value) || githubWorkflow.test(value),
          'a workflow is written .github/workflows/FILE, or OWNER/NAME/.github/workflows/FILE for one of another repository; perhaps with @REF behind it',
        ),
        description(
          'The workflow that signs: .github/workflows/FILE of the repository, or OWNER/NAME/.github/workflows/FILE of another one; at any ref, or with @refs/… at that. Default: any in the repository, else of the owner.',
        ),
      ),
    ),
    ref: optional(
      pipe(refPattern, description('The ref that it was built from; * stands for any text: refs/tags/v*.')),
    ),
  }),
  check(
    ({ owner, repository }) => (owner === undefined) !== (repository === undefined),
    'it has either owner or repository',
  ),
  check(
    ({ repository, workflow }) =>
      repository !== undefined || workflow === undefined || !isPathInRepository(workflow),
    'a workflow beside owner begins with its repository: OWNER/NAME/.github/workflows/FILE',
  ),
)

/** Whether a workflow is named by its path in the repository that it is asked of. */
export function isPathInRepository(workflow: string): boolean {
  return /^\.github\/workflows\/[^\s@/]+(?:@\S+)?$/.test(workflow)
}

/** One signer. */
export const signerSchema: GenericSchema<unknown, SignerSection> = pipe(
  strictObject({
    github: optional(
      pipe(
        github,
        description('A workflow of GitHub Actions, as lading verify --owner and --repo ask for it.'),
      ),
    ),
    identity: optional(
      pipe(
        text,
        description("The certificate's identity, exactly: an email address, or a workflow with its ref."),
      ),
    ),
    identityPattern: optional(
      pipe(
        text,
        check((value) => !/^\*+$/.test(value), 'it would take everybody'),
        description('The same as a glob of the whole: * stands for any text.'),
      ),
    ),
    issuer: optional(pipe(text, description('Who vouched for the identity: the OIDC issuer, exactly.'))),
    key: optional(
      pipe(text, description('A public key as a PEM file; the path is meant from the folder of this file.')),
    ),
    insecureIgnoreTlog: optional(
      pipe(
        boolean(),
        description('With key: take a signature that no transparency log has, and whose time nobody proved.'),
      ),
    ),
  }),
  check(
    ({ github: workflow, identity, identityPattern, key }) =>
      [workflow, identity, identityPattern, key].filter((one) => one !== undefined).length === 1,
    'a signer is one of github, identity, identityPattern and key',
  ),
  check(
    ({ identity, identityPattern, issuer }) =>
      (issuer !== undefined) === (identity !== undefined || identityPattern !== undefined),
    'identity and issuer go together: anybody may issue any name',
  ),
  check(
    ({ insecureIgnoreTlog, key }) => insecureIgnoreTlog === undefined || key !== undefined,
    'insecureIgnoreTlog goes with key: a certificate is good for minutes, and only a log or a timestamp says when they were',
  ),
)
