import { runClient } from './run-client.ts'

/** The client that sigstore-conformance is given as its entry point: `node test/conformance/client.ts COMMAND …`. */
const { exitCode, stderr } = await runClient(process.argv.slice(2))
if (stderr !== '') process.stderr.write(`${stderr}\n`)
process.exitCode = exitCode
