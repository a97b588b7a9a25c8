import { dirname } from 'node:path'

/** The folder that holds package.json, absolute. */
export const projectRoot: string = dirname(import.meta.dirname)
