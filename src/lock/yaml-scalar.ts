/**
 * A text as a YAML scalar on one line, which every reader of YAML 1.1 and 1.2 takes for that text: plain where nothing could be
 * meant by it but a text, else in double quotes.
 */
export function yamlScalar(text: string): string {
  return isPlain(text) ? text : JSON.stringify(text).replace(notShown, escaped)
}

/** `: ` and ` #` need a blank, which no plain text here has. */
const plain = /^[a-z/][a-z0-9_./@:#+~=*-]*$/i

/**
 * What readers of YAML 1.1 take for something else than a text, the exponent of a number that lacks its digits included; what
 * begins with a digit is quoted anyway.
 */
const reserved = /^(?:y|n|yes|no|on|off|true|false|null|e[-+]?[\d_]+)$/i

function isPlain(text: string): boolean {
  return plain.test(text) && !reserved.test(text) && !text.endsWith(':')
}

/** Everything but letters, marks, numbers, signs and the blank: line ends of Unicode, marks of direction, what has no shape. */
const notShown = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu

function escaped(text: string): string {
  return Array.from(
    { length: text.length },
    (_, at) => String.raw`\u` + text.charCodeAt(at).toString(16).padStart(4, '0'),
  ).join('')
}
