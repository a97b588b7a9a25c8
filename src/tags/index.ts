export { compareTags } from './compare-tags.ts'
export { parseTagFilter, type TagFilter } from './tag-filter.ts'
