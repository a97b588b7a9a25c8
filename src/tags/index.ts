export { compareTags } from './compare-tags.ts'
export { newerTag, type NewerTagOptions } from './newer-tag.ts'
export { parseTagFilter, type TagFilter } from './tag-filter.ts'
