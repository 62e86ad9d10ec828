import { cpSync, rmSync } from 'node:fs';
import { it } from 'vitest';
import { makeTinyProject } from '../support/tiny-project.js';
import { release } from '../support/release.js';
it('base', async () => {
  const p = await makeTinyProject();
  await release(p);
  rmSync('/tmp/attack/base', { recursive: true, force: true });
  cpSync(p.root, '/tmp/attack/base/project', { recursive: true });
  cpSync(p.keys, '/tmp/attack/base/keys', { recursive: true });
  p.remove();
}, 120000);
