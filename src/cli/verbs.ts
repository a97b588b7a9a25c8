import type { Verb } from './define-verb.ts'

/** A verb as the overview shows it; loading it loads what it needs. */
export interface VerbEntry {
  readonly group: string
  readonly brief: string
  readonly load: () => Promise<{ readonly verb: Verb }>
}

/** All verbs, in the order of the overview. */
export const verbs: Readonly<Record<string, VerbEntry>> = {
  inspect: {
    group: 'look',
    brief: 'Show what an image is: platforms, sizes, config, history, labels',
    load: () => import('./commands/inspect.ts'),
  },
  resolve: {
    group: 'look',
    brief: 'Look up the digest behind a tag',
    load: () => import('./commands/resolve.ts'),
  },
  tags: { group: 'look', brief: 'List the tags of a repository', load: () => import('./commands/tags.ts') },
  files: { group: 'look', brief: 'List the files of an image', load: () => import('./commands/files.ts') },
  cat: { group: 'look', brief: 'Print a file of an image', load: () => import('./commands/cat.ts') },
  referrers: {
    group: 'look',
    brief: 'Show signatures, attestations and SBOMs of an image',
    load: () => import('./commands/referrers.ts'),
  },
  ratelimit: {
    group: 'look',
    brief: 'Show how many pulls a registry still allows',
    load: () => import('./commands/ratelimit.ts'),
  },
  copy: {
    group: 'move',
    brief: 'Copy images between any two places, with what is attached to them',
    load: () => import('./commands/copy.ts'),
  },
  mirror: {
    group: 'move',
    brief: 'Copy the images of the lock to a registry of your own',
    load: () => import('./commands/mirror.ts'),
  },
  save: {
    group: 'move',
    brief: 'Write images to one archive that docker and OCI tools read',
    load: () => import('./commands/save.ts'),
  },
  load: {
    group: 'move',
    brief: 'Read an archive into docker, a registry or a layout',
    load: () => import('./commands/load.ts'),
  },
  export: {
    group: 'move',
    brief: "Write an image's file system as a tar archive",
    load: () => import('./commands/export.ts'),
  },
  tag: { group: 'move', brief: 'Give an image new tags', load: () => import('./commands/tag.ts') },
  delete: { group: 'move', brief: 'Delete tags or images', load: () => import('./commands/delete.ts') },
  login: {
    group: 'move',
    brief: 'Check and store credentials for a registry',
    load: () => import('./commands/login.ts'),
  },
  logout: { group: 'move', brief: 'Forget stored credentials', load: () => import('./commands/logout.ts') },
  sign: {
    group: 'trust',
    brief: 'Sign an image, with an identity or a key',
    load: () => import('./commands/sign.ts'),
  },
  attest: {
    group: 'trust',
    brief: 'Sign a statement about an image: how it was built, what is in it',
    load: () => import('./commands/attest.ts'),
  },
  verify: {
    group: 'trust',
    brief: 'Say whether an image was signed by whom it should be',
    load: () => import('./commands/verify.ts'),
  },
  'verify-blob': {
    group: 'trust',
    brief: 'Say whether a file was signed by whom it should be',
    load: () => import('./commands/verify-blob.ts'),
  },
  trust: {
    group: 'trust',
    brief: 'Show and refresh whom verify believes, make a key to sign with',
    load: () => import('./commands/trust.ts'),
  },
  lock: {
    group: 'lock',
    brief: 'Write down the digests of all images that a project uses, and who signed them',
    load: () => import('./commands/lock.ts'),
  },
  check: {
    group: 'lock',
    brief: 'Say whether the sources of a project and its lock agree',
    load: () => import('./commands/check.ts'),
  },
  update: {
    group: 'lock',
    brief: 'Move tags on in the lock, and in the sources where they are pinned',
    load: () => import('./commands/update.ts'),
  },
  pin: {
    group: 'lock',
    brief: 'Write the digests of the lock into the sources',
    load: () => import('./commands/pin.ts'),
  },
  unpin: {
    group: 'lock',
    brief: 'Take the digests out of the sources again',
    load: () => import('./commands/unpin.ts'),
  },
  serve: {
    group: 'run',
    brief: 'Run a registry that docker, podman, skopeo and lading push to and pull from',
    load: () => import('./commands/serve.ts'),
  },
  fsck: {
    group: 'run',
    brief: 'Check what a registry has stored, and say whom damage hurts',
    load: () => import('./commands/fsck.ts'),
  },
  completion: {
    group: 'shell',
    brief: 'Print the completion script for bash, zsh or fish',
    load: () => import('./commands/completion.ts'),
  },
}
