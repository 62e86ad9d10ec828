// Why a machine stops before STOP: the stream is broken (CPython would raise), or one of our budgets is spent.

/** Where and why a machine stopped. */
export interface Fault {
  /** `broken`: CPython would raise; `budget`: a limit of ours. */
  readonly kind: 'broken' | 'budget';
  readonly offset: number;
  readonly message: string;
}

export class Broken extends Error {
  readonly kind: Fault['kind'];

  constructor(message: string, kind: Fault['kind'] = 'broken') {
    super(message);
    this.kind = kind;
  }
}
