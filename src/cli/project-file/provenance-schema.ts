import {
  check,
  description,
  type GenericSchema,
  minLength,
  optional,
  picklist,
  pipe,
  regex,
  strictObject,
  string,
} from 'valibot'
import { sourceRepositoryUrl } from './source-repository-url.ts'
import { refPattern } from './signer-schema.ts'
import type { ProvenanceSection } from './trust-section.ts'

/** Conditions on provenance; one at least. */
export const provenanceSchema: GenericSchema<unknown, ProvenanceSection> = pipe(
  strictObject({
    sourceRepository: optional(
      pipe(
        string(),
        check(
          (value) => sourceRepositoryUrl(value) !== undefined,
          'a source is OWNER/NAME at GitHub, or an https URL without a ref',
        ),
        description('The source: OWNER/NAME at GitHub, or an https URL.'),
      ),
    ),
    ref: optional(
      pipe(refPattern, description('The ref of the source; * stands for any text: refs/tags/v*.')),
    ),
    workflow: optional(
      pipe(
        string(),
        regex(/^[^\s/@][^\s@]*$/, 'a workflow is its path in the source: .github/workflows/release.yml'),
        description(
          'The workflow that the build began with, by its path in the source: .github/workflows/release.yml.',
        ),
      ),
    ),
    builder: optional(
      pipe(
        string(),
        minLength(1, 'it is empty'),
        check((value) => !/^\*+$/.test(value), 'it would take every builder'),
        description("The provenance's builder.id; * stands for any text."),
      ),
    ),
    runner: optional(pipe(picklist(['github-hosted']), description('Where it was built: github-hosted.'))),
    buildType: optional(
      pipe(string(), minLength(1, 'it is empty'), description("The provenance's buildType, exactly.")),
    ),
  }),
  check(
    (conditions) => Object.values(conditions).some((value) => value !== undefined),
    'it asks for nothing',
  ),
  description(
    'What has to be known of where the image comes from, by the certificate, the SLSA provenance, or both, which then have to agree.',
  ),
)
