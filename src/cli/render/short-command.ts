/**
 * What made a layer, as a Dockerfile would say it: without the shell, the build arguments and the marks that docker
 * and BuildKit write around it, on one line, digests shortened.
 */
export function shortCommand(createdBy: string): string {
  const text = createdBy
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/ # buildkit$/, '')
  return shellCommand(text).replace(/\b((?:file|dir|multi):[0-9a-f]{12})[0-9a-f]{20,}/g, '$1')
}

const shell = '/bin/sh -c '
const noOperation = '#(nop) '

function shellCommand(text: string): string {
  // `|2 A=1 B=2 /bin/sh -c …`: so many build arguments stand before the command.
  const command = /^(?:RUN )?\|\d+ /.test(text)
    ? text.slice(Math.max(0, text.indexOf(shell)))
    : text.replace(/^RUN (?=\/bin\/sh -c )/, '')
  if (!command.startsWith(shell)) return command
  const rest = command.slice(shell.length).trimStart()
  return rest.startsWith(noOperation) ? rest.slice(noOperation.length).trimStart() : `RUN ${rest}`
}
