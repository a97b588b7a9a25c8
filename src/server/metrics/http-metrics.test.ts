import { Histogram, Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { createHttpMetrics } from './http-metrics.ts'

describe('createHttpMetrics()', () => {
  const blob = { route: 'blob', method: 'GET', status: 200, seconds: 0.002, received: 100, sent: 900 }

  test('gives what was counted, by its labels, each time it is asked', async () => {
    const registry = new Registry()
    const metrics = createHttpMetrics(registry)
    for (const request of [blob, { ...blob, status: 404 }, { ...blob, method: 'BREW' }, blob]) {
      metrics.begin()
      metrics.end(request)
    }
    metrics.begin()
    for (let asked = 0; asked < 2; asked += 1) {
      const lines = (await registry.metrics()).split('\n')
      expect(lines).toEqual(
        expect.arrayContaining([
          'lading_http_requests_total{route="blob",method="GET",status="200"} 2',
          'lading_http_requests_total{route="blob",method="GET",status="404"} 1',
          'lading_http_requests_total{route="blob",method="other",status="200"} 1',
          'lading_http_received_bytes_total{route="blob"} 400',
          'lading_http_sent_bytes_total{route="blob"} 3600',
          'lading_http_requests_running 1',
        ]),
      )
    }
  })

  test('writes durations as a histogram of the registry would', async () => {
    const registry = new Registry()
    const metrics = createHttpMetrics(registry)
    const name = 'lading_http_request_duration_seconds'
    const like = new Histogram({
      name,
      help: 'From the first byte of a request to the last of its answer.',
      labelNames: ['route'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 300],
      registers: [],
    })
    for (const seconds of [0, 0.001, 0.0011, 0.25, 300, 301, 0.0001]) {
      metrics.end({ ...blob, seconds })
      like.observe({ route: 'blob' }, seconds)
    }
    const other = new Registry()
    other.registerMetric(like)
    expect(await registry.getSingleMetricAsString(name)).toBe(await other.getSingleMetricAsString(name))
  })
})
