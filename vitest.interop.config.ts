import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Tests against real registries and other tools, and of faults of the machine. Two cores serve them all, so one file runs after the other. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts', 'test/faults/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
})

export default config
