import type { ContentState, Finding, FsckCounts } from '../../server/index.ts'
import { count } from './count.ts'
import { formatBytes } from './format-bytes.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'

/** How many tags of a repository are named. */
const tagsShown = 10

/** What a finding is about: what a script would go on with. */
export function findingWhere(finding: Finding): string {
  switch (finding.rule) {
    case 'content-damaged':
      return finding.digest
    case 'blob-without-content':
    case 'manifest-damaged':
    case 'manifest-unreadable':
    case 'manifest-incomplete':
      return `${finding.repository}@${finding.digest}`
    case 'tag-without-manifest':
      return `${finding.repository}:${finding.tag}`
    case 'repository-unlisted':
      return finding.repository
    case 'record-damaged':
    case 'edge-missing':
    case 'edge-superfluous':
    case 'file-orphaned':
      return safeText(finding.key)
    case 'upload-without-file':
      return `${finding.repository} ${finding.id}`
    default:
      return finding satisfies never
  }
}

/** A finding as the cells of a table: problem, where, detail. */
export function findingRow(finding: Finding, style: Style): readonly string[] {
  const [problem, detail, isLeftover = false] = wording(finding)
  return [isLeftover ? style.dim(problem) : style.red(problem), findingWhere(finding), detail]
}

/** Whom a damage hurts, a line for each repository; nothing for a finding that hurts nobody. */
export function harmLines(finding: Finding, style: Style): readonly string[] {
  if (!('hurts' in finding)) return []
  const who = finding.hurts.map(({ repository, manifests, tags }) => {
    const shown = tags.slice(0, tagsShown).map((tag) => safeText(tag))
    const more = tags.length > shown.length ? ` and ${tags.length - shown.length} more` : ''
    const names = tags.length === 0 ? 'no tag' : `${shown.join(', ')}${more}`
    return `  ${repository}: ${names} (${count(manifests.length, 'manifest')})`
  })
  if (finding.hurtsMore) who.push('  and more')
  const head = style.bold(findingWhere(finding))
  return who.length === 0 ? [`${head} hurts nobody: no manifest needs it`] : [`${head} hurts`, ...who]
}

/** The closing line. */
export function checkedLine(
  checked: FsckCounts,
  found: { readonly damaged: number; readonly unreadable: number; readonly leftover: number },
  style: Style,
): string {
  const looked = [
    count(checked.tags, 'tag'),
    count(checked.manifests, 'manifest'),
    `${count(checked.contents, 'blob')} (${formatBytes(checked.bytes)})`,
    count(checked.records, 'record'),
  ].join(', ')
  const verdict = [
    found.damaged === 0 ? style.green('nothing is damaged') : style.red(`${found.damaged} damaged`),
    ...(found.unreadable === 0 ? [] : [style.red(`${found.unreadable} could not be read`)]),
    ...(found.leftover === 0 ? [] : [`${count(found.leftover, 'leftover')}, which the server removes`]),
  ].join(', ')
  return `checked ${looked}: ${verdict}`
}

type Wording = readonly [problem: string, detail: string, isLeftover?: boolean]

function wording(finding: Finding): Wording {
  switch (finding.rule) {
    case 'content-damaged':
      return contentWording(finding.problem, finding.size)
    case 'blob-without-content':
      return ['blob lost', 'the repository has it, but its content is not stored']
    case 'manifest-damaged':
      return ['manifest damaged', `the bytes have the digest ${finding.actual}`]
    case 'manifest-unreadable':
      return ['manifest unreadable', safeText(finding.problem)]
    case 'manifest-incomplete':
      return ['manifest incomplete', `lacks ${finding.missing.join(', ')}`]
    case 'tag-without-manifest':
      return ['tag names nothing', `there is no ${finding.digest}`]
    case 'record-damaged':
      return ['record damaged', safeText(finding.problem)]
    case 'edge-missing':
      return ['edge missing', 'what it leads to may be collected too early, or not be listed']
    case 'repository-unlisted':
      return ['repository unlisted', 'it has content, and the catalogue does not name it']
    case 'edge-superfluous':
      return ['leftover edge', 'it leads to nothing', true]
    case 'file-orphaned':
      return ['leftover file', `${formatBytes(finding.size)} that no blob names`, true]
    case 'upload-without-file':
      return ['leftover upload', 'its bytes are gone', true]
    default:
      return finding satisfies never
  }
}

function contentWording(problem: Exclude<ContentState, { readonly state: 'whole' }>, size: number): Wording {
  switch (problem.state) {
    case 'missing':
      return ['blob missing', `its file of ${formatBytes(size)} is gone`]
    case 'size':
      return ['blob damaged', `its file has ${problem.actual} bytes, not ${size}`]
    case 'digest':
      return ['blob damaged', `the bytes have the digest ${problem.actual}`]
    case 'unreadable':
      return ['blob unreadable', safeText(problem.reason)]
    default:
      return problem satisfies never
  }
}
