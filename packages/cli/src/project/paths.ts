// Where a project keeps what: the declaration and signed files beside each other, state in `.vallum/`.

export interface ProjectPaths {
  readonly root: string;
  readonly declaration: string;
  readonly trust: string;
  readonly policy: string;
  readonly statements: string;
  readonly blobs: string;
  readonly ledger: string;
  readonly inbox: string;
}

export function pathsOf(root: string): ProjectPaths {
  return {
    root,
    declaration: `${root}/vallum.yaml`,
    trust: `${root}/trust.json`,
    policy: `${root}/policy.json`,
    statements: `${root}/.vallum/statements`,
    blobs: `${root}/.vallum/blobs`,
    ledger: `${root}/.vallum/ledger`,
    inbox: `${root}/.vallum/inbox`,
  };
}
