// Why a machine stops before STOP: the stream is broken (CPython would raise), or one of our budgets is spent.

export class Broken extends Error {
  readonly kind: 'broken' | 'budget';

  constructor(message: string, kind: 'broken' | 'budget' = 'broken') {
    super(message);
    this.kind = kind;
  }
}
