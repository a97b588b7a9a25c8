/** Something with other things on it; each may take several lines. */
export interface TreeNode {
  readonly lines: readonly string[]
  readonly children: readonly TreeNode[]
}

/** The lines of a tree, drawn as `tree` does. */
export function treeLines(root: TreeNode): string[] {
  return nodeLines(root, '', '')
}

function nodeLines({ lines, children }: TreeNode, first: string, others: string): string[] {
  const beside = others + (children.length === 0 ? '' : '│ ')
  return [
    ...lines.map((line, at) => (at === 0 ? first : beside) + line),
    ...children.flatMap((child, at) =>
      at === children.length - 1
        ? nodeLines(child, `${others}└─ `, `${others}   `)
        : nodeLines(child, `${others}├─ `, `${others}│  `),
    ),
  ]
}
