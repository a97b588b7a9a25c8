import {
  array,
  check,
  description,
  type GenericSchema,
  literal,
  minLength,
  optional,
  picklist,
  pipe,
  rawCheck,
  regex,
  strictObject,
  string,
  union,
} from 'valibot'
import { predicateShortNames, predicateType } from '../../signing/index.ts'
import { durationPattern } from '../registry-file/quantities.ts'
import { imagePatternProblem, patternsOf, repeatedPattern } from './image-patterns.ts'
import { provenanceSchema } from './provenance-schema.ts'
import { signerSchema } from './signer-schema.ts'
import type { RuleSection, TrustSection } from './trust-section.ts'

const imagePattern = pipe(
  string(),
  check(
    (value) => imagePatternProblem(value) === undefined,
    ({ input }) => imagePatternProblem(input) ?? '',
  ),
)

const signers = pipe(array(signerSchema), minLength(1, 'there has to be a signer'))

const rule: GenericSchema<unknown, RuleSection> = pipe(
  strictObject({
    images: pipe(
      union([imagePattern, pipe(array(imagePattern), minLength(1, 'there has to be a pattern'))]),
      description(
        "Names of images, as docker users write them: python, ghcr.io/acme/**, python:3.*. * stands for any text within a component, ** for any text. '**' is every image. The most specific pattern of all rules decides.",
      ),
    ),
    signers: optional(
      pipe(
        union([
          signers,
          pipe(
            strictObject({
              any: optional(pipe(signers, description('One of them has to have signed.'))),
              all: optional(
                pipe(signers, description('Each of them has to have signed; who signed counts for one.')),
              ),
            }),
            check(({ any, all }) => (any === undefined) !== (all === undefined), 'it has either any or all'),
          ),
        ]),
        description('Who has to have signed: a list of which one is enough, or any or all with a list.'),
      ),
    ),
    predicates: optional(
      pipe(
        array(
          pipe(
            string(),
            check(
              (value) => predicateType(value) !== undefined,
              `it is no URI, and none of ${predicateShortNames().join(', ')}`,
            ),
          ),
        ),
        minLength(1, 'there has to be a predicate type'),
        description(
          'Predicate types that all have to be attested by a signer: URIs, or short names as provenance, spdx, cyclonedx. Default: a signature or provenance.',
        ),
      ),
    ),
    provenance: optional(provenanceSchema),
    maxAge: optional(
      pipe(
        string(),
        regex(durationPattern, 'a time is a number with its unit: 12h, 90d, 26w'),
        description('How long ago a signature may have been made, by the time that was proved: 90d.'),
      ),
    ),
    search: optional(
      pipe(
        picklist(['registry', 'github', 'both']),
        description(
          "Where signatures are looked for: where the image is, or in GitHub's store of attestations. Default: registry, and for images of ghcr.io both.",
        ),
      ),
    ),
    unsigned: optional(
      pipe(
        literal('allow'),
        description('The images may be unsigned, and no signature is looked at. It is said each time.'),
      ),
    ),
  }),
  check(
    ({ signers: named, unsigned }) => named !== undefined || unsigned !== undefined,
    'it says neither signers nor unsigned: allow',
  ),
  check(
    ({ maxAge, predicates, provenance, search, signers: named, unsigned }) =>
      unsigned === undefined ||
      [maxAge, predicates, provenance, search, named].every((value) => value === undefined),
    'unsigned: allow looks at no signature, so that nothing can be asked of one beside it',
  ),
  check(
    (section) => section.search === undefined || section.search === 'registry' || namesOwner(section),
    'GitHub is asked for the attestations of an owner, and neither a github signer nor an image of ghcr.io says of whom',
  ),
)

/** Whether there is somebody whose attestations GitHub can be asked for. */
function namesOwner(section: RuleSection): boolean {
  const { signers: named = [] } = section
  const all = Array.isArray(named) ? named : [...(named.any ?? []), ...(named.all ?? [])]
  return (
    all.some(({ github }) => github !== undefined) ||
    patternsOf(section).every((pattern) => /^ghcr\.io\//i.test(pattern))
  )
}

/** The schema of `trust:`. */
export const trustSchema: GenericSchema<unknown, TrustSection> = strictObject({
  default: optional(
    pipe(
      picklist(['accept-first-use', 'require']),
      description(
        'What to do with an image that no rule is for when it is locked: accept-first-use (the default), or require, which refuses it. lading verify always refuses it.',
      ),
    ),
  ),
  rules: optional(
    pipe(
      array(rule),
      rawCheck(({ dataset, addIssue }) => {
        if (!dataset.typed || dataset.issues !== undefined) return
        const repeated = repeatedPattern(dataset.value)
        if (repeated === undefined) return
        const { index: key, message } = repeated
        addIssue({
          message,
          path: [{ type: 'array', origin: 'value', input: dataset.value, key, value: dataset.value[key] }],
        })
      }),
      description('Who has to have signed which images. Their order says nothing.'),
    ),
  ),
})
