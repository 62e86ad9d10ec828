// One Vitest run over all rooms, from source: the condition `vallum-source` resolves packages without a build.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['vallum-source'] },
  ssr: { resolve: { conditions: ['vallum-source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'examples/*/src/**/*.test.ts', 'tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'tests/nightly/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
  },
});
