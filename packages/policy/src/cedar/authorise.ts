// Who may do what, decided by Cedar. Everything that is not a clear "allow" with the name of a policy is a denial:
// invalid policies, an evaluation error, a request that does not fit the schema, an empty reason.
import { messageOf } from '@vallum/core';
import type { CedarPolicies } from '../bundle.js';
import { loadCedar, preparePolicies, SCHEMA_NAME } from './engine.js';

export type CedarAction =
  | 'approve'
  | 'revoke'
  | 'promote'
  | 'deploy'
  | 'export'
  | 'waive'
  | 'seal'
  | 'open'
  | 'rotate'
  | 'shred'
  | 'infer'
  | 'readMetadata'
  | 'administer';

export type CedarResource =
  | { readonly type: 'Subject'; readonly id: string; readonly name: string }
  | { readonly type: 'Waiver'; readonly id: string; readonly owner: string; readonly requirement: string }
  /** What a revocation names: `kind` is its type. */
  | { readonly type: 'Target'; readonly id: string; readonly kind: string }
  /** Something in the vault: `kind` is data, model or key. */
  | { readonly type: 'Object'; readonly id: string; readonly kind: string; readonly name: string }
  /** One operation of a served model; `role` is the role of those who may ask this model: `infer:spam-filter`. */
  | {
      readonly type: 'Endpoint';
      readonly id: string;
      readonly model: string;
      readonly protocol: string;
      readonly operation: string;
      readonly role: string;
    };

export interface AuthoriseRequest {
  /** Id of an enrolled principal. */
  readonly principal: string;
  /** Roles that its keys hold now. */
  readonly roles: readonly string[];
  readonly action: CedarAction;
  readonly resource: CedarResource;
  /** For approve: verdict of everything else, and the authors; for promote, deploy and export: the verdict. */
  readonly context: { readonly verdict?: string; readonly authors?: readonly string[] };
  readonly policies: CedarPolicies;
}

export interface Authorisation {
  readonly allow: boolean;
  /** Names of the policies that decided; empty when none permits it. */
  readonly policies: readonly string[];
  /** Why the question could not be decided; any entry is a denial. */
  readonly problems: readonly string[];
}

function deny(...problems: readonly string[]): Authorisation {
  return { allow: false, policies: [], problems };
}

/** Never throws: whatever goes wrong is a denial with its problem. */
export async function authorise(request: AuthoriseRequest): Promise<Authorisation> {
  try {
    return await decide(request);
  } catch (error) {
    return deny(messageOf(error));
  }
}

async function decide({
  principal,
  roles,
  action,
  resource,
  context,
  policies,
}: AuthoriseRequest): Promise<Authorisation> {
  const cedar = await loadCedar();
  const prepared = preparePolicies(cedar, policies);
  if (prepared.problems.length > 0) return deny(...prepared.problems);
  const { type, id, ...attributes } = resource;
  const who = { type: 'Vallum::Principal', id: principal };
  const what = { type: `Vallum::${type}`, id };
  const { verdict, authors } = context;
  const answer = cedar.statefulIsAuthorized({
    principal: who,
    action: { type: 'Vallum::Action', id: action },
    resource: what,
    context: {
      ...(verdict === undefined ? {} : { verdict }),
      ...(authors === undefined ? {} : { authors: [...authors] }),
    },
    preparsedSchemaName: SCHEMA_NAME,
    validateRequest: true,
    preparsedPolicySetId: prepared.id,
    entities: [
      { uid: who, attrs: { name: principal, roles: [...roles] }, parents: [] },
      { uid: what, attrs: attributes, parents: [] },
    ],
  });
  if (answer.type === 'failure') return deny(...answer.errors.map((error) => error.message));
  const { decision, diagnostics } = answer.response;
  const problems = diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`);
  const reason = [...diagnostics.reason].sort();
  const allow = decision === 'allow' && reason.length > 0 && problems.length === 0 && answer.warnings.length === 0;
  return { allow, policies: reason, problems };
}

/** Problems of a set of policies; none when it may be put into a bundle. */
export async function checkCedarPolicies(policies: CedarPolicies): Promise<readonly string[]> {
  return preparePolicies(await loadCedar(), policies).problems;
}
