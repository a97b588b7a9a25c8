import { type RegistryAddress, firstPush } from './first-push.ts'

/** What `curl http://localhost:5000` shows. */
export function landingText(address: RegistryAddress): string {
  return [
    `This is a registry of container images, served by Lading at ${address.host}.`,
    '',
    'Bring an image in:',
    ...firstPush(address).flatMap(({ tool, commands, note }) => [
      '',
      `  # ${tool}`,
      ...(note === undefined ? [] : [`  # ${note}`]),
      ...commands.map((command) => `  ${command}`),
    ]),
    '',
    'Look at what is there:',
    '',
    `  lading tags ${address.host}/alpine`,
    `  curl ${address.secure ? 'https' : 'http'}://${address.host}/v2/_catalog`,
    '',
    '/v2/ is the OCI distribution API; /healthz, /readyz and /metrics are for those who look after it.',
    '',
  ].join('\n')
}
