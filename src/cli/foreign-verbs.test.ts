import { describe, expect, test } from 'vitest'
import { translateForeign } from './foreign-verbs.ts'

describe('translateForeign()', () => {
  test.each([
    ['digest alpine', 'lading resolve --quiet alpine'],
    ['ls ghcr.io/a/b', 'lading tags ghcr.io/a/b'],
    ['list-tags docker://alpine', 'lading tags docker://alpine'],
    ['manifest alpine', 'lading inspect --raw alpine'],
    ['manifest get alpine', 'lading inspect --raw alpine'],
    ['image digest alpine', 'lading resolve --quiet alpine'],
    ['pull alpine a.tar', 'lading save alpine -o a.tar'],
    ['pull alpine', 'lading copy alpine docker-daemon:alpine'],
    ['push a.tar r.example/a:1', 'lading load -i a.tar r.example/a:1'],
    ['push r.example/a:1', 'lading copy docker-daemon:r.example/a:1 r.example/a:1'],
    ['imagetools inspect --raw alpine', 'lading inspect --raw alpine'],
    ['imagetools create -t r.example/a:2 r.example/a:1', 'lading copy r.example/a:1 r.example/a:2'],
    ['rm r.example/a:1', 'lading delete r.example/a:1'],
    ['sync a b', 'lading copy --all-tags a b'],
    ['artifact tree alpine', 'lading referrers alpine'],
    ['attestation verify oci://ghcr.io/a/b --owner a', 'lading verify oci://ghcr.io/a/b --owner a'],
    ['verify-attestation --key k alpine', 'lading verify --key k alpine'],
    ['cp a b', 'lading copy a b'],
    ['registry serve config.yml', 'lading serve'],
  ])('answers %j with %j', (typed, ours) => {
    expect(translateForeign(typed.split(' '))).toBe(ours)
  })

  test('knows nothing of words that are no tool’s', () => {
    expect(translateForeign(['frobnicate', 'alpine'])).toBeUndefined()
  })
})
