// The long suites: every property of the packages with many more cases, oracles in Python, interoperation with packages
// of other ecosystems.
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['vallum-source'] },
  ssr: { resolve: { conditions: ['vallum-source'] } },
  test: {
    include: ['tests/nightly/**/*.test.ts', 'packages/*/src/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    setupFiles: ['tests/nightly/long-runs.ts'],
    testTimeout: 1_800_000,
    hookTimeout: 600_000,
    pool: 'forks',
    maxWorkers: availableParallelism(),
  },
});
