import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { boolean, object, optional, parse, record, string } from 'valibot'
import { acceptedLicences } from './accepted-licences.ts'
import { projectRoot } from './project-root.ts'

const lock = object({
  packages: record(
    string(),
    object({
      license: optional(string()),
      dev: optional(boolean()),
      devOptional: optional(boolean()),
    }),
  ),
})

/** Refuses a lock file in which a package that is installed with Lading has a licence nobody accepted. */
async function checkLicences(): Promise<void> {
  const { packages } = parse(lock, JSON.parse(await readFile(join(projectRoot, 'package-lock.json'), 'utf8')))
  for (const [path, { license, dev, devOptional }] of Object.entries(packages)) {
    if (path === '' || dev === true || devOptional === true) continue
    if (license !== undefined && acceptedLicences.has(license)) continue
    console.error(`${path}: the licence ${license ?? '(none)'} is not among the accepted ones`)
    process.exitCode = 1
  }
}

await checkLicences()
