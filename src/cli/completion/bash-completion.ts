import { type CompletedValue, type CompletedVerb, placePrefixes } from './completed-verb.ts'

/**
 * The completion script for bash, 3.2 or later. bash breaks words at `:` and `=` (COMP_WORDBREAKS), so that
 * `oci-archive:image.tar` and `--color=auto` come in pieces, unless the user has it otherwise.
 */
export function bashCompletion(verbs: readonly CompletedVerb[]): string {
  const names = verbs.map(({ name }) => name).join(' ')
  return `# bash completion for lading: source <(lading completion bash)

_lading_words() {
  local IFS=$' \\n'
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}

# $1: file or directory; $2: what stands before the path in the same word.
_lading_paths() {
  local IFS=$'\\n' action=-f path
  [[ $1 == directory ]] && action=-d
  compopt -o filenames 2>/dev/null
  COMPREPLY=()
  while read -r path; do COMPREPLY+=("$2$path"); done < <(compgen "$action" -- "\${cur#"$2"}")
}

_lading_place() {
  local place=
  if [[ $cur == : ]]; then place=$prev cur=
  elif [[ $prev == : ]]; then place=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  case $place in
    oci) _lading_paths directory '' ; return ;;
    oci-archive|docker-archive) _lading_paths file '' ; return ;;
    ?*) return ;;
  esac
  case $cur in
    oci://*) ;;
    oci:*) _lading_paths directory oci: ;;
    oci-archive:*|docker-archive:*) _lading_paths file "\${cur%%:*}:" ;;
    *) compopt -o nospace 2>/dev/null; _lading_words '${placePrefixes.join(' ')}' ;;
  esac
}

_lading() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} verb=\${COMP_WORDS[1]} flags= argument=
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then _lading_words '${names} help --help --version'; return; fi
  if [[ $verb == help ]]; then _lading_words '${names}'; return; fi
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  case "$verb $prev" in
${verbs.flatMap(flagCases).join('\n')}
  esac
  case $verb in
${verbs.map(verbCase).join('\n')}
    *) return ;;
  esac
  if [[ $cur == -* ]]; then _lading_words "$flags"; return; fi
  case $argument in
    place) _lading_place ;;
    ?*) _lading_words "$argument" ;;
  esac
}

complete -F _lading lading
`
}

function flagCases({ name, flags }: CompletedVerb): string[] {
  return flags.flatMap(({ long, short, value }) => {
    if (value === undefined) return []
    const pattern = [long, ...(short === undefined ? [] : [short])]
      .map((flag) => `'${name} ${flag}'`)
      .join('|')
    return [`    ${pattern}) ${valueCommand(value)} ;;`]
  })
}

function valueCommand(value: CompletedValue): string {
  switch (value.kind) {
    case 'words':
      return `_lading_words '${value.words.join(' ')}'; return`
    case 'file':
    case 'directory':
      return `_lading_paths ${value.kind} ''; return`
    case 'place':
      return '_lading_place; return'
    case 'anything':
      return 'return'
    default:
      return value satisfies never
  }
}

function verbCase({ name, flags, argument }: CompletedVerb): string {
  const words = flags.flatMap(({ long, short }) => (short === undefined ? [long] : [long, short]))
  const argumentWords =
    argument.kind === 'words' ? argument.words.join(' ') : argument.kind === 'place' ? 'place' : ''
  return `    ${name}) flags='${words.join(' ')}' argument='${argumentWords}' ;;`
}
