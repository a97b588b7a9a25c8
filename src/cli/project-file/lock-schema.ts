import {
  array,
  boolean,
  check,
  description,
  type GenericSchema,
  maxLength,
  minLength,
  optional,
  picklist,
  pipe,
  regex,
  strictObject,
  string,
} from 'valibot'
import { UsageError } from '../../errors/index.ts'
import { parseMirror } from '../../lock/index.ts'
import { InvalidPlatformError, parsePlatform } from '../../oci/index.ts'
import { imagePatternProblem } from './image-patterns.ts'
import type { LockSection } from './lock-section.ts'

const text = pipe(string(), minLength(1, 'it is empty'))

/** The schema of `lock:`. */
export const lockSectionSchema: GenericSchema<unknown, LockSection> = strictObject({
  platforms: optional(
    pipe(
      array(
        pipe(
          string(),
          check(
            (value) => platformProblem(value) === undefined,
            ({ input }) => platformProblem(input) ?? '',
          ),
        ),
      ),
      minLength(1, 'there has to be a platform'),
      description('Platforms whose digests are written down, os/arch[/variant]; all that an image has.'),
    ),
  ),
  include: optional(
    pipe(array(text), description('Files that are looked at though git ignores them: deploy/*.yaml.')),
  ),
  ignore: optional(
    strictObject({
      images: optional(
        pipe(
          array(
            pipe(
              string(),
              check(
                (value) => imagePatternProblem(value) === undefined,
                ({ input }) => imagePatternProblem(input) ?? '',
              ),
            ),
          ),
          description('Images that are not locked, as the project’s own: ghcr.io/acme/**.'),
        ),
      ),
      files: optional(
        pipe(array(text), description('Files that are not looked at, as .gitignore writes them: test/**.')),
      ),
    }),
  ),
  proofs: optional(
    pipe(
      picklist(['vendor']),
      description('vendor: keep the bundles of what is verified in .lading/proofs, beside the lock.'),
    ),
  ),
  keys: optional(
    pipe(
      array(
        strictObject({
          key: pipe(
            text,
            description('A public key as a PEM file; the path is meant from the folder of this file.'),
          ),
          insecureIgnoreTlog: optional(
            pipe(
              boolean(),
              description('Take a signature that no transparency log has, and whose time nobody proved.'),
            ),
          ),
        }),
      ),
      maxLength(16, 'there are more than 16'),
      description(
        'Public keys to try on signatures without a certificate. Whose signature it is, is remembered as identities are.',
      ),
    ),
  ),
  mirror: optional(
    pipe(
      string(),
      check(
        (value) => mirrorProblem(value) === undefined,
        ({ input }) => mirrorProblem(input) ?? '',
      ),
      description(
        'Where lading mirror copies to and what is emitted takes images from: registry.example/prefix.',
      ),
    ),
  ),
  customResources: optional(
    pipe(
      array(
        strictObject({
          apiVersion: optional(
            pipe(text, description('example.com, or example.com/v1 for one version alone; any.')),
          ),
          kind: text,
          paths: pipe(
            array(
              pipe(
                string(),
                regex(
                  /^[^.[\]]+(?:\[\])?(?:\.[^.[\]]+(?:\[\])?)*$/,
                  'a path is dotted, with [] for each entry of a list: spec.runners[].image',
                ),
              ),
            ),
            minLength(1, 'there has to be a path'),
            description('Where it names images: spec.runners[].image.'),
          ),
        }),
      ),
      description('Kinds of Kubernetes objects that name images and are not known by themselves.'),
    ),
  ),
})

function platformProblem(value: string): string | undefined {
  try {
    parsePlatform(value)
    return undefined
  } catch (error) {
    if (error instanceof InvalidPlatformError) return error.message
    throw error
  }
}

function mirrorProblem(value: string): string | undefined {
  try {
    parseMirror(value)
    return undefined
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
}
