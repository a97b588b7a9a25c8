/** Wildcards of a rule beyond which matching it may take longer than anybody waits. */
const mostWildcards = 4

/**
 * The rules of a `.gitignore` without those that would take for ever: they are matched by regular expressions, whose time grows with
 * the power of the wildcards. A rule that leaves something out is dropped, and one that takes it back is cut off behind its last wildcard
 * that counts: either way more is looked at than git would, and never less.
 */
export function boundedRules(text: string): string {
  return text
    .split(/\r?\n/)
    .flatMap((rule) => boundedRule(rule))
    .join('\n')
}

function boundedRule(rule: string): readonly string[] {
  const wildcards = [...rule.matchAll(/\*+/g)]
  if (wildcards.length <= mostWildcards) return [rule]
  if (!rule.startsWith('!')) return []
  const end = wildcards[mostWildcards - 1]?.index ?? 0
  return [`${rule.slice(0, end)}**`]
}
