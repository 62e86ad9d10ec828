// The shape of text samples, and small makers of them.
export interface TextSample {
  readonly name: string;
  readonly text: string;
}

export interface TextAttackClass {
  readonly name: string;
  /** Starts of the ids of which one must be told. */
  readonly rules: string;
  readonly attacks: readonly TextSample[];
  readonly clean: readonly TextSample[];
}

export const named = (name: string, ...texts: readonly string[]): readonly TextSample[] =>
  texts.map((text) => ({ name, text }));
export const json = (name: string, ...values: readonly unknown[]): readonly TextSample[] =>
  values.map((value) => ({ name, text: JSON.stringify(value) }));
export const base64 = (text: string): string => Buffer.from(text).toString('base64');
export const HOST = 'https://downloads.example.net/i.sh';
