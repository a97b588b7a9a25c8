import type { VerifiedAnswer } from '../verification/verified-answer.ts'
import type { Field } from './field-lines.ts'

/** What was proved of a signature, for people: who, from what source, what it states, when, and on whose word. */
export function verifiedFields(answer: VerifiedAnswer): Field[] {
  const { logEntries, predicateType, signer, source, times, trustRoot } = answer
  return [
    ...(signer.kind === 'key'
      ? [{ label: 'signer', values: [`the key ${signer.digest}`] }]
      : [
          { label: 'signer', values: [signer.identity] },
          { label: 'issuer', values: [signer.issuer] },
        ]),
    { label: 'source', values: present(source?.repository) },
    { label: 'ref', values: present(source?.ref) },
    { label: 'commit', values: present(source?.commit) },
    { label: 'workflow', values: present(source?.workflow) },
    { label: 'run', values: present(source?.run) },
    { label: 'runner', values: present(source?.runner) },
    { label: 'predicate', values: present(predicateType) },
    { label: 'time', values: times.length === 0 ? ['not proved'] : times.map(timeText) },
    { label: 'log', values: logEntries.map(({ log, index }) => `${log} ${index}`) },
    { label: 'trust root', values: present(trustRoot) },
  ]
}

function timeText({ at, by }: VerifiedAnswer['times'][number]): string {
  return `${at}, proved by ${by === 'log' ? 'a transparency log' : 'a timestamp authority'}`
}

function present(text: string | null | undefined): readonly string[] {
  return text === null || text === undefined || text === '' ? [] : [text]
}
