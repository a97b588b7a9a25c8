import {
  type CompletedFlag,
  type CompletedValue,
  type CompletedVerb,
  placePrefixes,
} from './completed-verb.ts'

/** The completion script for fish. */
export function fishCompletion(verbs: readonly CompletedVerb[]): string {
  return `# fish completion for lading: lading completion fish | source

function __lading_needs_verb
  test (count (commandline -opc)) -eq 1
end

function __lading_verb
  set -l words (commandline -opc)
  test (count $words) -ge 2; and test "$words[2]" = $argv[1]
end

function __lading_places
  set -l word (commandline -ct)
  switch $word
    case 'oci:*' 'oci-archive:*' 'docker-archive:*'
      set -l prefix (string replace -r ':.*' ':' -- $word)
      set -l path (string replace -r '^[^:]*:' '' -- $word)
      for file in $path*
        if test -d $file
          echo $prefix$file/
        else if test $prefix != oci:
          echo $prefix$file
        end
      end
    case '*'
      printf '%s\\n' ${placePrefixes.join(' ')}
  end
end

complete -c lading -e
complete -c lading -f
complete -c lading -n __lading_needs_verb -s h -l help -d 'Show help'
complete -c lading -n __lading_needs_verb -s V -l version -d 'Show the version'
complete -c lading -n '__lading_verb help' -a ${quote(verbs.map(({ name }) => name).join(' '))}
${verbs.flatMap(verbLines).join('\n')}
`
}

function verbLines({ name, brief, flags, argument }: CompletedVerb): string[] {
  return [
    `complete -c lading -n __lading_needs_verb -a ${name} -d ${quote(brief)}`,
    ...flags.map((flag) => `complete -c lading -n '__lading_verb ${name}' ${flagOptions(flag)}`),
    ...(argument.kind === 'anything'
      ? []
      : [`complete -c lading -n '__lading_verb ${name}' ${valueOptions(argument)}`]),
  ]
}

function flagOptions({ long, short, brief, value }: CompletedFlag): string {
  const names = [...(short === undefined ? [] : ['-s', short.slice(1)]), '-l', long.slice(2)]
  const requires = value === undefined ? [] : ['-r', valueOptions(value)]
  return [...names, ...requires, '-d', quote(brief)].filter((option) => option !== '').join(' ')
}

function valueOptions(value: CompletedValue): string {
  switch (value.kind) {
    case 'words':
      return `-f -a ${quote(value.words.join(' '))}`
    case 'file':
      return '-F'
    case 'directory':
      return "-f -a '(__fish_complete_directories (commandline -ct))'"
    case 'place':
      return "-f -a '(__lading_places)'"
    case 'anything':
      return '-f'
    default:
      return value satisfies never
  }
}

function quote(text: string): string {
  return `'${text.replace(/['\\]/g, (character) => `\\${character}`)}'`
}
