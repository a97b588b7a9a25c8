import { expect, test } from 'vitest'
import { parseProtocolRoute } from './parse-route.ts'
import { rememberRoutes } from './remember-routes.ts'

const digest = `sha256:${'a'.repeat(64)}`

test('rememberRoutes() reads a path once, for GET and HEAD', () => {
  const read = rememberRoutes()
  const route = read('GET', '/v2/a/manifests/latest')
  expect(route).toEqual(parseProtocolRoute('GET', '/v2/a/manifests/latest'))
  expect(read('GET', '/v2/a/manifests/latest')).toBe(route)
  expect(read('HEAD', '/v2/a/manifests/latest')).toBe(route)
})

test('rememberRoutes() takes no other method for them', () => {
  const read = rememberRoutes()
  read('GET', `/v2/a/blobs/${digest}`)
  expect(read('DELETE', `/v2/a/blobs/${digest}`)).toMatchObject({ kind: 'delete-blob' })
  expect(() => read('PUT', `/v2/a/blobs/${digest}`)).toThrow('this path takes')
})

test('rememberRoutes() forgets what it read first', () => {
  let parsed = 0
  const read = rememberRoutes((method, target) => {
    parsed += 1
    return parseProtocolRoute(method, target)
  })
  for (let tag = 0; tag <= 1000; tag += 1) read('GET', `/v2/a/manifests/${tag}`)
  read('GET', '/v2/a/manifests/1000')
  expect(parsed).toBe(1001)
  read('GET', '/v2/a/manifests/0')
  expect(parsed).toBe(1002)
})
