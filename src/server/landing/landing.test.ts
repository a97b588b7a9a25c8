import { describe, expect, test } from 'vitest'
import { landingHtml } from './landing-html.ts'
import { landingText } from './landing-text.ts'

describe('the instructions at /', () => {
  test('tell every tool how to push without TLS on this machine', () => {
    const text = landingText({ host: 'localhost:5000', secure: false })
    expect(text).toContain('docker push localhost:5000/alpine')
    expect(text).toContain('podman push --tls-verify=false docker.io/library/alpine')
    expect(text).toContain('skopeo copy --all --dest-tls-verify=false')
    expect(text).toContain('lading copy docker.io/library/alpine')
    // docker, crane and lading take the loopback as it is.
    expect(text).not.toMatch(/insecure/)
  })

  test('need no such word where the registry speaks https', () => {
    expect(landingText({ host: 'registry.example', secure: true })).not.toMatch(
      /tls-verify|insecure|plain-http/,
    )
  })

  test('say what has to be allowed elsewhere without TLS', () => {
    const text = landingText({ host: 'registry.lan:5000', secure: false })
    expect(text).toContain('"insecure-registries": ["registry.lan:5000"]')
    expect(text).toContain('crane copy --insecure')
    expect(text).toContain('lading copy --plain-http')
  })

  test('are a page without a script, and what it shows is text', () => {
    const page = landingHtml({ host: '"><script>x</script>', secure: false })
    expect(page).not.toContain('<script')
    expect(page.match(/<pre>/g)).toHaveLength(6)
  })
})
