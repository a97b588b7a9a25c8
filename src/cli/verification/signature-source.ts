import type { Source } from '../../content/index.ts'
import type { OpenedSource, Places } from '../../images/index.ts'
import type { CliContext } from '../context.ts'
import { signatureRepository } from '../signature-repository.ts'
import type { SourceFlags } from './source-flags.ts'

/** The place that has an image's signatures: where the image is, or the repository that is named for them. */
export function signatureSource(
  context: CliContext,
  { repository }: SourceFlags,
  places: Places,
  { location, source }: Pick<OpenedSource, 'location' | 'source'>,
): Source {
  const other = signatureRepository(context, repository, location)
  return other === undefined ? source : places.registry.repository(other.reference)
}
