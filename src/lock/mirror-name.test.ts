import { expect, test } from 'vitest'
import { digestOf, parseReference } from '../oci/index.ts'
import { mirrorReference } from './mirror-name.ts'

const digest = digestOf(Buffer.from('a'))

test.each([
  ['mirror.example', 'python:3.12', 'mirror.example/docker.io/library/python:3.12'],
  ['mirror.example/cache/', 'ghcr.io/me/app:1', 'mirror.example/cache/ghcr.io/me/app:1'],
  ['localhost:5000', `127.0.0.1:80/a@${digest}`, `localhost:5000/127.0.0.1-80/a@${digest}`],
  ['localhost:5000/x', '[::1]:5000/a:1', 'localhost:5000/x/1-5000/a:1'],
])('at %s %s is %s', (mirror, image, name) => {
  expect(safely(mirror, image)).toBe(name)
})

test.each(['mirror', 'Mirror.example/UPPER', 'https://mirror.example', ''])('%j is no mirror', (mirror) => {
  expect(() => mirrorReference(mirror, parseReference('python:3'))).toThrow(/^Cannot /)
})

function safely(mirror: string, image: string): string {
  return mirrorReference(mirror, parseReference(image)).canonical
}
