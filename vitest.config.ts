import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['*/{src,test}/**/*.test.ts', 'apisix/gateway/**/*.test.ts'],
    globalSetup: ['kit/src/test-postgres.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
