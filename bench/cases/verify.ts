import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  exampleIdentity,
  exampleIssuer,
  sigstoreInstance,
} from '../../test/fixtures/sigstore/sigstore-instance.ts'
import { findPeer } from '../../test/interop/peer.ts'
import { digestOf } from '../../src/oci/index.ts'
import { readTrustedRoots, verifyBundle } from '../../src/signing/index.ts'
import type { BenchCase } from '../bench-case.ts'
import { compare } from '../compare.ts'
import { measureInTurn } from '../measure.ts'
import { lading } from '../peer-commands.ts'
import type { Row } from '../report.ts'
import { median } from '../statistics.ts'

const goals = { processMs: 150, callMs: 5 }

/** One bundle without network: as a process beside cosign, and as a call of a process that is warm. */
export const verify: BenchCase = {
  name: 'verify',
  async run({ rounds, folder }) {
    const file = join(folder, 'artifact')
    const bundle = join(folder, 'bundle.json')
    const root = join(folder, 'root.json')
    const bytes = Buffer.from('what is signed\n')
    const instance = sigstoreInstance()
    const signed = instance.sign({ content: { bytes }, logged: 'hashedrekord 0.0.2', time: 'authority' })
    await writeFile(file, bytes)
    await writeFile(bundle, JSON.stringify(signed))
    await writeFile(root, JSON.stringify(instance.trustedRoot))
    const cosign = findPeer('cosign')
    const measured = await measureInTurn(
      [
        {
          name: lading.name,
          command: () =>
            lading.run(
              `verify-blob ${file} --bundle ${bundle} --trusted-root ${root}`,
              `--identity ${exampleIdentity} --issuer ${exampleIssuer}`,
            ),
        },
        ...(cosign === undefined
          ? []
          : [
              {
                name: 'cosign',
                command: () =>
                  `${cosign} verify-blob ${file} --bundle ${bundle} --trusted-root ${root} --use-signed-timestamps ` +
                  `--certificate-identity ${exampleIdentity} --certificate-oidc-issuer ${exampleIssuer}`,
              },
            ]),
      ],
      rounds * 2,
    )
    const process = compare('verify a file by its bundle', 'time', measured)
    const own = median(measured[0]?.runs.map(({ wall }) => wall) ?? [])
    return [
      ...process.map((row) => ({
        ...row,
        goal: `< ${goals.processMs} ms: ${verdict(own, goals.processMs)}`,
      })),
      await warmCall('a statement', instance, rounds),
    ]
  },
}

/** Processor time of one call, after enough of them that the compiler is done. */
async function warmCall(
  what: string,
  instance: ReturnType<typeof sigstoreInstance>,
  rounds: number,
): Promise<Row> {
  const digest = digestOf(Buffer.from('an image'))
  const bundle = instance.sign({
    content: {
      statement: {
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ name: 'image', digest: { sha256: digest.slice('sha256:'.length) } }],
        predicateType: 'https://slsa.dev/provenance/v1',
        predicate: {},
      },
    },
  })
  const trust = readTrustedRoots([{ name: 'root', bytes: Buffer.from(JSON.stringify(instance.trustedRoot)) }])
  const policy = {
    kind: 'identity',
    identity: { exact: exampleIdentity },
    issuer: { exact: exampleIssuer },
  } as const
  const call = async (): Promise<unknown> => verifyBundle(bundle, { digests: [digest] }, policy, trust)
  const figures: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const before = process.cpuUsage()
    for (let count = 0; count < 200; count += 1) await call()
    const { user, system } = process.cpuUsage(before)
    if (round > 0) figures.push((user + system) / 1000 / 200)
  }
  const own = median(figures)
  return {
    work: `verify ${what}, a call once warm`,
    measure: 'CPU',
    lading: `${own.toFixed(1)} ms`,
    peer: '',
    theirs: '',
    ratio: '',
    goal: `< ${goals.callMs} ms: ${verdict(own, goals.callMs)}`,
  }
}

function verdict(figure: number, limit: number): string {
  return figure < limit ? 'reached' : 'missed'
}
