import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// What spawns processes, kills, fuzzes or floods is named slow-test; `npm run test:all` runs it too.
const isAll = process.env.EGO_TESTS === 'all'

const gateway = '{apisix/gateway,kit/fast}/**'
const others = '{*/{src,test},contracts,kit,scripts,tests/hostile,tests/start}/**'

const limits = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // A busy machine is no failure.
  expect: { poll: { timeout: 15_000 } },
}
const globalSetup = ['kit/testing/postgres.ts']

export default defineConfig({
  test: {
    // One more than there are cores: many tests wait for Postgres or for a process of their own.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        // A worker keeps the code that it has loaded, which halves the time of a run.
        test: {
          ...limits,
          name: 'services',
          include: [`${others}/*.test.ts`],
          exclude: [`${gateway}/*`, '**/node_modules/**'],
          isolate: false,
          globalSetup,
        },
      },
      {
        // The gateway replaces the global Response, so each of its files has a worker of its own.
        test: { ...limits, name: 'gateway', include: [`${gateway}/*.test.ts`] },
      },
      ...(isAll
        ? [
            {
              test: {
                ...limits,
                name: 'slow',
                include: [`${gateway}/*.slow-test.ts`, `${others}/*.slow-test.ts`],
                globalSetup,
              },
            },
          ]
        : []),
    ],
  },
})
