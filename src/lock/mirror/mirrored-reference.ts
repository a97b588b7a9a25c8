import { nameOnly, parseReference, type Reference, withDigest, withTag } from '../../oci/index.ts'
import type { Mirror } from './parse-mirror.ts'

/**
 * What an image is called in a mirror: its whole name behind that of the mirror, `docker.io/library/python:3.12` at
 * `registry.example/mirror/docker.io/library/python:3.12`. Tag and digest stay. What is in the mirror already is called what it is.
 *
 * A port is written with `_`, which no name of a host has: `localhost:5000/app` at `…/localhost_5000/app`; an address of IPv6 as
 * `ipv6_`, its letters and digits, with `-` for its colons. Different names stay different.
 *
 * @throws {InvalidReferenceError} where the name becomes too long.
 */
export function mirroredReference({ name }: Mirror, reference: Reference): Reference {
  if (reference.name.startsWith(`${name}/`)) return reference
  const named = parseReference(`${name}/${hostComponent(reference.domain)}/${reference.path}`)
  const tagged = reference.tag === undefined ? nameOnly(named) : withTag(named, reference.tag)
  return reference.digest === undefined ? tagged : withDigest(tagged, reference.digest)
}

/** A registry's name as one component of a repository's. */
function hostComponent(domain: string): string {
  const host = domain.toLowerCase()
  const [, address, port = ''] = /^\[([^\]]+)\](:\d+)?$/.exec(host) ?? []
  if (address === undefined) return host.replace(':', '_')
  return `ipv6_${eightGroups(address).join('-')}${port.replace(':', '_')}`
}

/** An address of IPv6 without its short form, in which colons could stand at an end. */
function eightGroups(address: string): readonly string[] {
  const [head = '', tail] = address.split('::')
  const before = groups(head)
  if (tail === undefined) return before
  const after = groups(tail)
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after]
}

function groups(text: string): readonly string[] {
  return text === '' ? [] : text.split(':').map((group) => group.replace(/^0+(?=.)/, ''))
}
