// One class of bypass: what must fail, and what looks like it and must pass.
export interface AttackClass {
  readonly name: string;
  readonly attacks: Readonly<Record<string, Uint8Array>>;
  readonly clean: Readonly<Record<string, Uint8Array>>;
}
