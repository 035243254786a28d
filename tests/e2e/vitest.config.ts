import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    globalSetup: ['./platform.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
