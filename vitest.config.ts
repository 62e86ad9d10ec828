// One Vitest run over all rooms, from source: the condition `vallum-source` resolves packages without a build.
import { availableParallelism } from 'node:os';
import type { TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

/** Files of whole stories take minutes; begun last they would run alone at the end. */
class StoriesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isStory = ({ moduleId }: TestSpecification): number => Number(moduleId.includes('/tests/e2e/'));
    return (await super.sort(files)).sort((a, b) => isStory(b) - isStory(a));
  }
}

export default defineConfig({
  resolve: { conditions: ['vallum-source'] },
  ssr: { resolve: { conditions: ['vallum-source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'tests/nightly/**', 'tests/interop/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // The default leaves one processor free, which on two is half of them.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: StoriesFirst },
  },
});
