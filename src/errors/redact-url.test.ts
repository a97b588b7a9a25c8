import { describe, expect, test } from 'vitest'
import { redactUrl } from './redact-url.ts'

describe('redactUrl()', () => {
  test('drops user information', () => {
    expect(redactUrl('https://me:pass@registry.example/v2/')).toBe('https://registry.example/v2/')
  })

  test('hides the signature of a storage URL and keeps the rest', () => {
    const shown = redactUrl('https://s.example/b?X-Amz-Signature=abc&X-Amz-Date=1&sig=q&digest=sha256:0')
    expect(shown).not.toMatch(/abc|sig=q/)
    expect(shown).toContain('X-Amz-Date=1')
  })

  test.each(['verify', 'hmac', 'Signature', 'Policy', 'X-Goog-Signature', 'jwt', 'sig', 'access_token'])(
    'hides what storage behind registries takes for a key: %s',
    (name) => {
      expect(redactUrl(`https://s.example/b?${name}=hunter2&n=1`)).toBe(
        `https://s.example/b?${name}=REDACTED&n=1`,
      )
    },
  )

  test('never throws, and never shows what it could not parse', () => {
    expect(redactUrl('::secret')).toBe('<not a URL>')
  })
})
