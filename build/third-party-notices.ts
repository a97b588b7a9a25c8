import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { acceptedLicences } from './accepted-licences.ts'

/** The licence texts of the packages that the given files come from, in the order of their folders. */
export async function thirdPartyNotices(files: readonly string[]): Promise<string> {
  const folders = [...new Set(files.flatMap((file) => packageFolder(file) ?? []))].toSorted()
  const notices = await Promise.all(folders.map(notice))
  return `The lading command contains these packages.\n\n${notices.join('\n')}`
}

/** The folder of the package that a file belongs to; undefined for our own. */
function packageFolder(file: string): string | undefined {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0]
}

async function notice(folder: string): Promise<string> {
  const described: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const { name, version, license } = readDescription(described, folder)
  if (!acceptedLicences.has(license)) {
    throw new Error(
      `Cannot bundle ${name}: its licence ${JSON.stringify(license)} is not among the accepted ones`,
    )
  }
  const files = (await readdir(folder)).filter((file) => /^(?:licen[cs]e|notice)\b/i.test(file)).toSorted()
  if (files.length === 0 && license !== 'Apache-2.0') {
    throw new Error(`Cannot bundle ${name}: it brings no licence text`)
  }
  // Where a package only names the Apache licence, its text is the one beside our own.
  const texts =
    files.length === 0
      ? ['See the text in LICENSE.']
      : await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  return `${'-'.repeat(80)}\n${name} ${version} (${license})\n\n${texts.join('\n').trim()}\n`
}

function readDescription(
  described: unknown,
  folder: string,
): { readonly name: string; readonly version: string; readonly license: string } {
  if (typeof described === 'object' && described !== null) {
    const name = 'name' in described ? described.name : undefined
    const version = 'version' in described ? described.version : undefined
    const license = 'license' in described ? described.license : undefined
    if (typeof name === 'string' && typeof version === 'string' && typeof license === 'string') {
      return { name, version, license }
    }
  }
  throw new Error(`Cannot read ${folder}/package.json: name, version or license is missing`)
}
