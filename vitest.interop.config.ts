// Comparison with other implementations: it needs what they are written in, and fails without it.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['vallum-source'] },
  ssr: { resolve: { conditions: ['vallum-source'] } },
  test: {
    include: ['tests/interop/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    pool: 'forks',
  },
});
