import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { BenchContext } from './bench-case.ts'
import { benchCases } from './cases/index.ts'
import { formatTable, type Row } from './report.ts'

/** `npm run bench [-- NAME… --rounds N]`: runs the named cases, or all, and prints one table. */
async function bench(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string', default: '11' } },
  })
  const chosen = benchCases.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  if (chosen.length < positionals.length) {
    throw new Error(`Known are: ${benchCases.map(({ name }) => name).join(', ')}`)
  }
  const cache = process.env['LADING_BENCH_DIR'] ?? join(homedir(), '.cache', 'lading-bench')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(tmpdir(), 'lading-bench-'))
  try {
    const context: BenchContext = { rounds: Number(values.rounds), folder, cache, say: console.error }
    const rows: Row[] = []
    for (const { name, run } of chosen) {
      console.error(`# ${name}`)
      rows.push(...(await run(context)))
    }
    console.log(formatTable(rows))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

await bench()
