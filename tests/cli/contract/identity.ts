// What the commands about CI identities print.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startIssuer } from '../../support/local-issuer.js';
import type { Contract } from './contract.js';

export function identityContract(contract: Contract): void {
  test('a CI job, from its issuer to its key', async () => {
    const place = contract.place('fresh');
    const json: Contract['json'] = (...asked) => contract.json(...asked);
    const issuer = await startIssuer();
    try {
      writeFileSync(join(place.project, 'jwks.json'), await issuer.fetchKeys());
      const add = ['trust', 'issuer', 'add', issuer.url, '--keys', 'jwks.json', '--claims', 'gitlab'];
      expect(await json(place, 'root', add, 0)).toMatchObject({ claims: 'gitlab', known: 0, skipped: [] });
      expect(await json(place, 'root', add, 0)).toMatchObject({ pinned: [], known: 1 });
      const subject = 'project_path:acme/spam-filter:ref_type:branch:ref:main';
      const workflow = 'gitlab.example.com/acme/spam-filter//.gitlab-ci.yml';
      const job = ['--issuer', issuer.url, '--subject', subject, '--workflow', workflow, '--branch', 'main'];
      const enrol = ['trust', 'enrol', 'ci', ...job, '--roles', 'produce:*', '--lifetime', 'PT2H'];
      expect(await json(place, 'root', enrol, 0)).toMatchObject({ principal: 'ci', identity: { workflow } });
      await json(place, 'root', ['trust', 'show'], 0);
      const { audience } = await json(place, 'runner', ['identity', 'new'], 0);
      const claims = {
        sub: subject,
        ref: 'main',
        ref_type: 'branch',
        pipeline_source: 'push',
        ref_protected: 'true',
        ci_config_ref_uri: `${workflow}@refs/heads/main`,
      };
      writeFileSync(join(place.project, 'token.jwt'), await issuer.fetchToken(String(audience), claims));
      const used = await json(place, 'runner', ['identity', 'use', '--token', 'token.jwt'], 0);
      expect(used).toMatchObject({ principal: 'ci', identity: { subject, workflowRef: 'refs/heads/main' } });
    } finally {
      await issuer.close();
    }
  });
}
