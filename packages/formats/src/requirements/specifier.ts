// `name[extras] >=1,<2` (PEP 508) by a walk from left to right: one pattern for the whole list would try every way to part a run
// of spaces.

export interface NamedRequirement {
  readonly name: string;
  /** What follows name and extras, without the white space around it. */
  readonly rest: string;
}

/** The name at the start; undefined where there is none. */
export function readName(text: string): NamedRequirement | undefined {
  const name = /^[A-Za-z0-9][A-Za-z0-9._-]*/.exec(text)?.[0];
  if (name === undefined) return undefined;
  const after = text.slice(name.length).trimStart();
  if (!after.startsWith('[')) return { name, rest: after };
  const end = after.indexOf(']');
  return end === -1 ? undefined : { name, rest: after.slice(end + 1).trimStart() };
}

export interface Specifier {
  /** Of the one exact version that is asked for: `==1.2.3` without a wildcard. */
  readonly version?: string;
}

const CLAUSE = /^(===|==|~=|!=|<=|>=|<|>)\s*([A-Za-z0-9.*+!_-]+)$/;

/** @returns undefined for what is no list of versions; a list that is empty asks for any */
export function readSpecifier(text: string): Specifier | undefined {
  const inner = text.startsWith('(') && text.endsWith(')') ? text.slice(1, -1).trim() : text;
  if (inner === '') return {};
  const clauses = inner.split(',').map((clause) => clause.trim());
  if (clauses.length > 1 && clauses.at(-1) === '') clauses.pop();
  const read = clauses.map((clause) => CLAUSE.exec(clause));
  if (read.includes(null)) return undefined;
  const [, operator = '', version = ''] = read[0] ?? [];
  return read.length === 1 && /^={2,3}$/.test(operator) && !version.includes('*') ? { version } : {};
}
