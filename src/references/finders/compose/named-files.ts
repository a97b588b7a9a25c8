import { childOf, childrenOf, itemsOf, textOf } from '../../yaml/navigate.ts'
import type { YamlNode } from '../../yaml/yaml-node.ts'
import { joinPath } from '../bake/join-path.ts'

/** Other compose files that a document of `file` names by `include` and `extends`, as paths of the project. */
export function namedFiles(document: YamlNode, file: string): readonly string[] {
  const included = itemsOf(childOf(document, 'include')).flatMap((entry) => {
    const paths = childOf(entry, 'path') ?? entry
    return [textOf(paths), ...itemsOf(paths).map(textOf)]
  })
  const extended = childrenOf(childOf(document, 'services')).map(([, service]) =>
    textOf(childOf(childOf(service, 'extends'), 'file')),
  )
  const paths = [...included, ...extended].flatMap((path) => {
    const joined = path === undefined || path === '' || path.includes('$') ? undefined : joinPath(file, path)
    return joined === undefined || joined === file ? [] : [joined]
  })
  return [...new Set(paths)]
}
