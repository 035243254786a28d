import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      '*/{src,test}/**/*.test.ts',
      '{contracts,kit,apisix/gateway,scripts,tests/hostile,tests/start}/**/*.test.ts',
    ],
    globalSetup: ['kit/testing/postgres.ts'],
    // One more than there are cores: many tests wait for Postgres or for a process of their own.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A busy machine is no failure.
    expect: { poll: { timeout: 15_000 } },
  },
})
