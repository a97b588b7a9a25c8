import {
  publicGoodInstance,
  publicGoodServices,
  readSigningConfig,
  type SigningServices,
  type UsedTrust,
} from '../../signing/index.ts'

/**
 * Sigstore's public services: as its signing config names them where `lading trust update` fetched one, else those that
 * are known here.
 *
 * @throws {InvalidSigningConfigError} when the config names none that can be used.
 */
export async function publicServices(used: readonly UsedTrust[]): Promise<SigningServices> {
  const { mirror } = await publicGoodInstance()
  const bytes = used.find((each) => each.mirror === mirror)?.signingConfig
  return bytes === undefined
    ? publicGoodServices
    : readSigningConfig({ name: "Sigstore's, as it was refreshed", bytes })
}
