import type { Finder } from '../finder.ts'
import { bakeFinder } from './bake.ts'
import { composeFinder } from './compose.ts'
import { dockerfileFinder } from './dockerfile.ts'
import { githubActionsFinder } from './github-actions.ts'
import { gitlabCiFinder } from './gitlab-ci.ts'
import { helmFinder } from './helm.ts'
import { kubernetesFinder } from './kubernetes.ts'
import { kustomizeFinder } from './kustomize.ts'

/** Every finder. The first that knows the content of a file has it: what a name says goes before what only content says. */
export const allFinders: readonly Finder[] = [
  dockerfileFinder,
  bakeFinder,
  composeFinder,
  githubActionsFinder,
  gitlabCiFinder,
  kustomizeFinder,
  helmFinder,
  kubernetesFinder,
]
