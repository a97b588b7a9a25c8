/** A user or an organization of GitHub. */
export const githubOwner: RegExp = /^[A-Za-z0-9][\w-]{0,99}$/

/** A repository of GitHub: `OWNER/NAME`. */
export const githubRepository: RegExp = /^[A-Za-z0-9][\w-]{0,99}\/[\w.-]{1,100}$/

/** A workflow in a repository, perhaps at a ref: `OWNER/NAME/.github/workflows/FILE[@REF]`. */
export const githubWorkflow: RegExp = /^[A-Za-z0-9][\w-]*\/[\w.-]+\/[^\s@]+(?:@\S+)?$/
