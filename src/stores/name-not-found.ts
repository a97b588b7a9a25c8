import { NotFoundError } from '../content/index.ts'

const shownNames = 20

/** The error for a name that a place does not have, `''` for its only image; the hint lists the names that are there. */
export function nameNotFound(display: string, name: string, names: Iterable<string>): NotFoundError {
  const there = [...new Set(names)].toSorted()
  if (name === '') {
    return new NotFoundError(`Cannot find an image in ${display}: it holds none`, {
      hint: there.length === 0 ? undefined : `There are other things: ${shownList(there)}.`,
    })
  }
  return new NotFoundError(`Cannot find ${shownName(name)} in ${display}: there is no image of that name`, {
    hint:
      there.length === 0
        ? 'No image there has a name; name one by its digest.'
        : `There are: ${shownList(there)}.`,
  })
}

/** A name from outside as it may stand in a message. */
export function shownName(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name)
}

/** The first names of many, for a hint. */
export function shownList(names: readonly string[]): string {
  const shown = names
    .slice(0, shownNames)
    .map((name) => (/^[\w./:@+-]{1,200}$/.test(name) ? name : shownName(name)))
  const more = names.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}
