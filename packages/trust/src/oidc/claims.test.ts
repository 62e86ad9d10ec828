// What a token says of a job, in the form of each CI system, and which patterns fit it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WINDOW } from '../testing/sample.js';
import type { CiIdentity } from './claims.js';
import { fullRef, identityOfClaims, shortRef } from './claims.js';
import type { IdentityPattern } from './pattern.js';
import { differences, isSubjectPattern } from './pattern.js';

const URL = 'https://token.actions.example.com';
const WORKFLOW = 'acme/spam-filter/.github/workflows/check.yml';
const pattern: IdentityPattern = {
  issuer: URL,
  subject: 'repo:acme/spam-filter:*',
  workflow: WORKFLOW,
  branch: 'main',
  roles: ['produce:*'],
  ...WINDOW,
};
const claims = {
  sub: 'repo:acme/spam-filter:ref:refs/heads/main',
  ref: 'refs/heads/main',
  ref_type: 'branch',
  job_workflow_ref: `${WORKFLOW}@refs/heads/main`,
};

describe('a subject of GitLab', () => {
  it.each([
    ['project_path:acme/spam:*', true],
    ['project_path:acme/team/spam:ref_type:branch:*', true],
    ['project_path:acme/spam:ref_type:branch:ref:main', true],
    ['project_path:acme/*', false],
    ['project_path:acme/team/*', false],
    ['project_path:acme:*', false],
    ['namespace_path:acme', false],
    ['repo:acme/spam:*', false],
  ] as const)('%s names one project: %s', (subject, names) => {
    expect(isSubjectPattern(subject, 'gitlab')).toBe(names);
  });
});

describe('a branch', () => {
  it('is the same, written short or in full', () => {
    const identity = identityOfClaims(claims, URL, 'github');
    for (const branch of ['main', 'refs/heads/main']) expect(differences({ ...pattern, branch }, identity)).toEqual([]);
    for (const branch of ['refs/tags/main', 'refs/heads/refs/heads/main', 'Main'])
      expect(differences({ ...pattern, branch }, identity)).toHaveLength(1);
    // A branch by the name of a ref is not the branch that the ref is of.
    const odd = { ...identity, branch: 'refs/heads/main' };
    expect(differences({ ...pattern, branch: 'refs/heads/main' }, odd)).toHaveLength(1);
  });

  it('property: its short and its full name mean each other', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('refs/', 'heads/', 'tags/', 'main')), (parts) => {
        const branch = `${parts.join('')}x`;
        expect(fullRef(shortRef(branch))).toBe(fullRef(branch));
        expect(shortRef(fullRef(branch))).toBe(shortRef(branch));
      }),
    );
  });
});

describe('claims', () => {
  const gitlab = {
    sub: 'project_path:acme/spam:ref_type:branch:ref:main',
    ref: 'main',
    ref_type: 'branch',
    pipeline_source: 'push',
    ref_protected: 'true',
    ci_config_ref_uri: 'gitlab.example.com/acme/spam//.gitlab-ci.yml@refs/heads/main',
  };
  const branchOf = (said: object): string | undefined => identityOfClaims({ ...gitlab, ...said }, URL, 'gitlab').branch;

  it('of GitLab: the branch by its name, never by something that looks like a ref', () => {
    expect(identityOfClaims(gitlab, URL, 'gitlab')).toEqual({
      issuer: URL,
      subject: gitlab.sub,
      workflow: 'gitlab.example.com/acme/spam//.gitlab-ci.yml',
      workflowRef: 'refs/heads/main',
      branch: 'main',
    });
    expect(branchOf({ ref: 'refs/heads/main', ci_config_ref_uri: null })).toBe('refs/heads/main');
    expect(branchOf({ ref: 'refs/heads/main' })).toBeUndefined();
    expect(branchOf({ ref_type: 'tag' })).toBeUndefined();
    expect(identityOfClaims(gitlab, URL, 'github').branch).toBeUndefined();
  });

  it.each(['push', 'web', 'schedule', 'api', 'trigger', 'pipeline'])('of GitLab: a %s is of its branch', (source) => {
    expect(branchOf({ pipeline_source: source, ref_protected: 'false' })).toBe('main');
  });

  it.each<readonly [string, object]>([
    ['a merge request, also into a protected branch', { pipeline_source: 'merge_request_event' }],
    ['a merge request of another host', { pipeline_source: 'external_pull_request_event' }],
    ['the head of a merge request', { ci_config_ref_uri: 'gitlab.example.com/a/b//x.yml@refs/merge-requests/1/head' }],
    ['the child of a merge request', { pipeline_source: 'parent_pipeline', ref_protected: 'false' }],
    ['a child whose branch is not told to be protected', { pipeline_source: 'parent_pipeline', ref_protected: null }],
    ['something new', { pipeline_source: 'merge_train_event' }],
    ['nothing that is told', { pipeline_source: undefined }],
  ])('of GitLab: %s has no branch', (_, said) => {
    expect(branchOf(said)).toBeUndefined();
  });

  it('of GitLab: the child of a run of a protected branch is of that branch', () => {
    expect(branchOf({ pipeline_source: 'parent_pipeline' })).toBe('main');
  });

  it('of GitLab: a subject that names a branch is not met by a merge request, which has the same', () => {
    const whole: IdentityPattern = { issuer: URL, subject: gitlab.sub, roles: ['produce:*'], ...WINDOW };
    const is = (said: object): CiIdentity => identityOfClaims({ ...gitlab, ...said }, URL, 'gitlab');
    expect(differences(whole, is({}))).toEqual([]);
    const merge = is({ pipeline_source: 'merge_request_event' });
    expect(differences(whole, merge)).toEqual([expect.stringMatching(/merge requests have the same subject/)]);
    expect(differences({ ...whole, subject: 'project_path:acme/spam:*' }, merge)).toEqual([]);
  });

  it('property: a subject pattern never reaches over the colon or slash that it ends with', () => {
    fc.assert(
      fc.property(fc.string(), (tail) => {
        const is = { issuer: URL, subject: `repo:acme/spam-filter${tail}`, workflow: WORKFLOW, branch: 'main' };
        expect(differences(pattern, is).length === 0).toBe(tail.startsWith(':') && tail.length > 1);
      }),
    );
  });
});
