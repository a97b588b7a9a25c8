import { FilePositions } from '../../file-positions.ts'
import type { ProjectFiles } from '../../finder.ts'
import type { Origin } from '../../occurrence.ts'
import { childOf, filledScalar } from '../../yaml/navigate.ts'
import { readYaml } from '../../yaml/read-yaml.ts'

/** The `appVersion` of the chart in a folder, which is the tag of images that name none; undefined where there is no chart. */
export async function readAppVersion(files: ProjectFiles, folder: string): Promise<Origin | undefined> {
  const file = `${folder}Chart.yaml`
  const bytes = await files.read(file)
  if (bytes === undefined) return undefined
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  const chart = readYaml(text)
  const version = chart.kind === 'read' ? filledScalar(childOf(chart.documents[0], 'appVersion')) : undefined
  if (version === undefined) return undefined
  const range = new FilePositions(text).range(version.start, version.end)
  return { name: 'appVersion', value: version.text, at: { file, range } }
}
