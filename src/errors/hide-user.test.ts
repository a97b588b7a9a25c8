import { expect, test } from 'vitest'
import { hideUser } from './hide-user.ts'

test.each([
  ['https://me:secret@ghcr.io/x:1', 'https://ghcr.io/x:1'],
  ['https://secret@ghcr.io', 'https://ghcr.io'],
  ['me:secret@ghcr.io/x', 'ghcr.io/x'],
  ['me:se@cr/et@ghcr.io/x', 'ghcr.io/x'],
  ['me:secret@localhost:5000/x', 'localhost:5000/x'],
  ['ghcr.io/x:1', 'ghcr.io/x:1'],
  ['python:3.12@latest', 'python:3.12@latest'],
  ['x:1@sha256:0', 'x:1@sha256:0'],
  ['https://ghcr.io/x@sha256:0', 'https://ghcr.io/x@sha256:0'],
])('%s is shown as %s', (text, shown) => {
  expect(hideUser(text)).toBe(shown)
})
