/** What is logged of a request that is over. */
export interface RequestRecord {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly route: string
  readonly repository: string | undefined
  /** Undefined where the answer was broken off. */
  readonly status: number | undefined
  readonly received: number
  readonly sent: number
  readonly ms: number
  readonly user: string | undefined
  readonly client: string
  readonly msg: string
}

/** A record as the members of a JSON object, with a comma before each, as `JSON.stringify` has them. */
export function requestMembers(record: RequestRecord): string {
  const { id, method, path, route, repository, status, received, sent, ms, user, client, msg } = record
  return (
    `,"id":${quoted(id)},"method":${quoted(method)},"path":${quoted(path)},"route":${quoted(route)}` +
    (repository === undefined ? '' : `,"repository":${quoted(repository)}`) +
    (status === undefined ? '' : `,"status":${status}`) +
    `,"received":${received},"sent":${sent},"ms":${ms}` +
    (user === undefined ? '' : `,"user":${quoted(user)}`) +
    `,"client":${quoted(client)},"msg":${quoted(msg)}`
  )
}

/** Text that stands in JSON as it is. */
const plain = /^[ !#-[\]-~]*$/

function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text)
}
