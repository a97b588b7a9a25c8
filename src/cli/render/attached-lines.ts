import type { Attached, AttachedImage, SignerClaim } from '../attachments/attached.ts'
import { formatBytes } from './format-bytes.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'
import { treeLines, type TreeNode } from './tree-lines.ts'

/** What is attached to an image, as a tree for people. */
export function attachedLines(image: AttachedImage, style: Style): string[] {
  return treeLines({
    lines: [style.bold(safeText(image.image)), style.dim(image.digest)],
    children: [...attachedNodes(image.attached, style), ...platformNodes(image, style)],
  })
}

function platformNodes({ platforms }: AttachedImage, style: Style): TreeNode[] {
  return (platforms ?? []).map(({ platform, digest, attached }) => {
    const name = style.bold(safeText(platform ?? 'no platform'))
    const lines =
      attached.length === 0 ? [`${name}  ${style.dim('nothing attached')}`] : [name, style.dim(digest)]
    return { lines, children: attachedNodes(attached, style) }
  })
}

function attachedNodes(all: readonly Attached[], style: Style): TreeNode[] {
  return all.map((one) => {
    const details = [formatBytes(one.size), ...(one.created === null ? [] : [one.created]), ...how(one)]
    return {
      lines: [
        `${safeText(one.type ?? one.mediaType)}  ${style.dim(safeText(details.join('  ')))}`,
        ...one.predicateTypes.map((type) => `predicate ${safeText(type)}`),
        ...one.claims.map((claim) => safeText(claimText(claim))),
        style.dim(one.digest),
      ],
      children: attachedNodes(one.attached, style),
    }
  })
}

function claimText({ identity, issuer }: SignerClaim): string {
  return identity === null
    ? 'claims to be signed with a key (unverified)'
    : `claims to be signed by ${identity}${issuer === null ? '' : `, says ${issuer}`} (unverified)`
}

/** A referrer is the usual way, and needs no word. */
function how({ via, tag }: Attached): string[] {
  switch (via) {
    case 'referrer':
      return []
    case 'index':
      return ['in the index']
    case 'tag':
      return [`by cosign's tag ….${(tag ?? '').split('.').pop() ?? ''}`]
    default:
      return via satisfies never
  }
}
