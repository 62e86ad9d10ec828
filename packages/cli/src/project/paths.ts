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

/** A ledger by the key of this machine alone lies apart: nobody could go on with it once people are enrolled. */
export function unenrolledPaths(paths: ProjectPaths): ProjectPaths {
  const folder = `${paths.root}/.vallum/unenrolled`;
  return { ...paths, ledger: `${folder}/ledger`, inbox: `${folder}/inbox` };
}
