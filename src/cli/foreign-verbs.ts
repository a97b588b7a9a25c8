/**
 * The command line of Lading for one of another tool (crane, skopeo, regctl, oras, docker, buildx), or
 * undefined when the words are not of such a tool.
 *
 * @param words everything after `lading`.
 */
export function translateForeign(words: readonly string[]): string | undefined {
  for (const [pattern, translate] of translations) {
    if (pattern.every((word, index) => words[index] === word)) return translate(words.slice(pattern.length))
  }
  return undefined
}

type Translation = (rest: readonly string[]) => string

const simple =
  (verb: string): Translation =>
  (rest) =>
    ['lading', verb, ...rest].join(' ')

/** Longer patterns stand before shorter ones that they begin with. */
const translations: readonly (readonly [readonly string[], Translation])[] = [
  [['imagetools', 'inspect'], simple('inspect')],
  [['buildx', 'imagetools', 'inspect'], simple('inspect')],
  [['imagetools', 'create'], imagetoolsCreate],
  [['buildx', 'imagetools', 'create'], imagetoolsCreate],
  [['image', 'inspect'], simple('inspect')],
  [['image', 'digest'], simple('resolve --quiet')],
  [['image', 'manifest'], simple('inspect --raw')],
  [['image', 'config'], simple('inspect --config')],
  [['image', 'copy'], simple('copy')],
  [['image', 'ratelimit'], simple('ratelimit')],
  [['image', 'get-file'], simple('cat')],
  [['image', 'export'], exportArchive],
  [['image', 'import'], ([to = 'IMAGE', from = 'FILE']) => `lading load -i ${from} ${to}`],
  [['image', 'delete'], simple('delete')],
  [['image', 'rm'], simple('delete')],
  [['image', 'ls'], () => 'lading tags REPOSITORY'],
  [['image', 'tag'], simple('tag')],
  [['image', 'save'], simple('save')],
  [['image', 'load'], simple('load')],
  [['image', 'pull'], pull],
  [['image', 'push'], push],
  [['image'], simple('inspect')],
  [['manifest', 'get'], simple('inspect --raw')],
  [['manifest', 'head'], simple('resolve')],
  [['manifest', 'inspect'], simple('inspect --raw')],
  [['manifest', 'fetch'], simple('inspect --raw')],
  [['manifest', 'fetch-config'], simple('inspect --config')],
  [['manifest', 'delete'], simple('delete')],
  [['manifest'], simple('inspect --raw')],
  [['config'], simple('inspect --config')],
  [['history'], simple('inspect')],
  [['digest'], simple('resolve --quiet')],
  [['tag', 'ls'], simple('tags')],
  [['tag', 'rm'], simple('delete')],
  [['tag', 'delete'], simple('delete')],
  [['repo', 'tags'], simple('tags')],
  [['list-tags'], simple('tags')],
  [['ls'], simple('tags')],
  [['cp'], simple('copy')],
  [['sync'], simple('copy --all-tags')],
  [['rm'], simple('delete')],
  [['rmi'], simple('delete')],
  [['artifact', 'tree'], simple('referrers')],
  [['artifact', 'list'], simple('referrers')],
  [['tree'], simple('referrers')],
  [['attestation', 'verify'], simple('verify')],
  [['verify-attestation'], simple('verify')],
  [['discover'], simple('referrers')],
  [['registry', 'serve'], () => 'lading serve'],
  [['registry', 'garbage-collect'], () => 'lading serve (it collects garbage while it runs)'],
  [['registry', 'login'], simple('login')],
  [['auth', 'login'], simple('login')],
  [['registry', 'logout'], simple('logout')],
  [['auth', 'logout'], simple('logout')],
  [['pull'], pull],
  [['push'], push],
]

/** crane's `pull IMAGE FILE` makes an archive; docker's `pull IMAGE` brings it to the engine. */
function pull(rest: readonly string[]): string {
  const [images, flags] = partition(rest)
  const [image = 'IMAGE', file] = images
  if (file !== undefined) return ['lading save', ...flags, image, '-o', file].join(' ')
  return ['lading copy', ...flags, image, `docker-daemon:${image}`].join(' ')
}

/** crane's `push FILE IMAGE` reads an archive; docker's `push IMAGE` sends it from the engine. */
function push(rest: readonly string[]): string {
  const [names, flags] = partition(rest)
  const [first = 'IMAGE', image] = names
  if (image !== undefined) return ['lading load', ...flags, '-i', first, image].join(' ')
  return ['lading copy', ...flags, `docker-daemon:${first}`, first].join(' ')
}

function exportArchive(rest: readonly string[]): string {
  const [image = 'IMAGE', file = '-'] = rest
  return `lading save ${image} -o ${file}`
}

/** `imagetools create -t NEW OLD` names what is there already. */
function imagetoolsCreate(rest: readonly string[]): string {
  const sources: string[] = []
  const tags: string[] = []
  for (let index = 0; index < rest.length; index += 1) {
    const word = rest[index] ?? ''
    if (word === '-t' || word === '--tag') {
      index += 1
      tags.push(rest[index] ?? 'IMAGE')
    } else if (word.startsWith('--tag=')) tags.push(word.slice('--tag='.length))
    else sources.push(word)
  }
  return ['lading copy', ...sources, ...(tags.length === 0 ? ['IMAGE'] : tags)].join(' ')
}

function partition(words: readonly string[]): [names: string[], flags: string[]] {
  return [words.filter((word) => !word.startsWith('-')), words.filter((word) => word.startsWith('-'))]
}
