import {
  type CompletedFlag,
  type CompletedValue,
  type CompletedVerb,
  placePrefixes,
} from './completed-verb.ts'

/** The completion script for zsh, to be sourced or to lie as `_lading` in a folder of `$fpath`. */
export function zshCompletion(verbs: readonly CompletedVerb[]): string {
  return `#compdef lading
# zsh completion for lading: source <(lading completion zsh), after compinit

_lading_place() {
  if compset -P 'oci:'; then _files -/
  elif compset -P '(oci|docker)-archive:'; then _files
  else compadd -S '' -- ${placePrefixes.join(' ')}
  fi
}

_lading() {
  local -a verbs
  verbs=(
${verbs.map(({ name, brief }) => `    ${quote(`${name}:${brief}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe -t verbs verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
    help) _describe -t verbs verb verbs ;;
${verbs.map(verbCase).join('\n')}
  esac
}

if [[ $funcstack[1] == _lading ]]; then _lading "$@"; else compdef _lading lading; fi
`
}

function verbCase({ name, flags, argument }: CompletedVerb): string {
  const specs = [...flags.flatMap(flagSpecs), quote(`*:argument:${action(argument)}`)]
  return `    ${name}) _arguments ${specs.map((spec) => `\\\n      ${spec}`).join(' ')} ;;`
}

function flagSpecs({ long, short, brief, value, isRepeatable }: CompletedFlag): string[] {
  const names = short === undefined ? [long] : [short, long]
  const exclusive = isRepeatable ? '*' : names.length > 1 ? `(${names.join(' ')})` : ''
  const message = value === undefined ? '' : `:value:${action(value)}`
  const description = `[${brief.replace(/[[\]\\:]/g, (character) => `\\${character}`)}]`
  return names.map((name) => {
    // `=` behind a long flag: the value may be a word of its own or follow in the same.
    const valued = value !== undefined && name.startsWith('--') ? `${name}=` : name
    return quote(`${exclusive}${valued}${description}${message}`)
  })
}

function action(value: CompletedValue): string {
  switch (value.kind) {
    case 'words':
      return `(${value.words.join(' ')})`
    case 'file':
      return '_files'
    case 'directory':
      return '_files -/'
    case 'place':
      return '_lading_place'
    case 'anything':
      return ' '
    default:
      return value satisfies never
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
