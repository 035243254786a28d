import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['{kit,*/src,*/test}/**/*.engine-test.ts'],
    // Tests of services also use engines.
    globalSetup: ['kit/testing/postgres.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
