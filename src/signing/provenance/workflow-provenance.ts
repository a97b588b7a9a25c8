import type { WorkflowClaims } from './workflow-claims.ts'

/** The predicate of a build in GitHub Actions; each part may be absent from others' provenance. */
export interface WorkflowProvenance {
  readonly buildDefinition: {
    readonly buildType: 'https://actions.github.io/buildtypes/workflow/v1'
    readonly externalParameters: object
    readonly internalParameters: object
    readonly resolvedDependencies: readonly object[]
  }
  readonly runDetails: { readonly builder: { readonly id: string }; readonly metadata: object }
}

/**
 * The SLSA provenance v1 of what a job of GitHub Actions made, field by field as actions/attest writes it
 * (https://actions.github.io/buildtypes/workflow/v1).
 *
 * @param server GitHub's address: `https://github.com`
 */
export function workflowProvenance(claims: WorkflowClaims, server: string): WorkflowProvenance {
  const repository = `${server}/${claims.repository}`
  const { path, ref } = splitWorkflow(claims)
  return {
    buildDefinition: {
      buildType: 'https://actions.github.io/buildtypes/workflow/v1',
      externalParameters: { workflow: { ref, repository, path } },
      internalParameters: {
        github: {
          event_name: claims.event_name,
          repository_id: claims.repository_id,
          repository_owner_id: claims.repository_owner_id,
          runner_environment: claims.runner_environment,
        },
      },
      resolvedDependencies: [{ uri: `git+${repository}@${claims.ref}`, digest: { gitCommit: claims.sha } }],
    },
    runDetails: {
      builder: { id: `${server}/${claims.job_workflow_ref}` },
      metadata: {
        invocationId: `${repository}/actions/runs/${claims.run_id}/attempts/${claims.run_attempt}`,
      },
    },
  }
}

/** `OWNER/NAME/.github/workflows/FILE@REF`; a ref may hold another `@`. */
function splitWorkflow({ repository, workflow_ref: text }: WorkflowClaims): {
  readonly path: string
  readonly ref: string
} {
  const inside = text.startsWith(`${repository}/`) ? text.slice(repository.length + 1) : text
  const at = inside.indexOf('@')
  return at < 0 ? { path: inside, ref: '' } : { path: inside.slice(0, at), ref: inside.slice(at + 1) }
}
