import { parseProtocolRoute } from './parse-route.ts'
import type { ProtocolRoute } from './protocol-route.ts'

/** So many routes are remembered; the one that was read first is forgotten first. */
const maxRoutes = 1000

/**
 * Makes a {@link parseProtocolRoute} that remembers what is read of manifests and blobs: clients ask for the same
 * ones, and to read a path with a digest takes 1 µs, a twentieth of what an answer does.
 *
 * @param parse reads a method and a target; what it throws is not remembered.
 */
export function rememberRoutes(
  parse: typeof parseProtocolRoute = parseProtocolRoute,
): typeof parseProtocolRoute {
  const routes = new Map<string, ProtocolRoute>()
  return (method, target) => {
    if (method !== 'GET' && method !== 'HEAD') return parse(method, target)
    const known = routes.get(target)
    if (known !== undefined) return known
    const route = parse(method, target)
    if (route.kind !== 'get-manifest' && route.kind !== 'get-blob') return route
    const [oldest] = routes.keys()
    if (routes.size >= maxRoutes && oldest !== undefined) routes.delete(oldest)
    routes.set(target, route)
    return route
  }
}
