import type { BenchCase } from '../bench-case.ts'
import { copyAgain } from './copy-again.ts'
import { copyLarge } from './copy-large.ts'
import { copyMany } from './copy-many.ts'

/** All cases, in the order of the table. */
export const benchCases: readonly BenchCase[] = [copyLarge, copyMany, copyAgain]
