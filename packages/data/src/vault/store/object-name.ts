// What an object is called: `PROJECT/KIND/NAME` in its header, and by 32 random hexadecimal digits, its id, which name its
// files and stand in the header as its version. An object of another project is told by its name.
import { randomBytes } from 'node:crypto';

export type ObjectKind = 'data' | 'model';

export interface ObjectName {
  readonly project: string;
  readonly kind: ObjectKind;
  /** Name of a feed or a version, or a path in the project. */
  readonly name: string;
}

const ID = /^[0-9a-f]{32}$/;
const HEADER = /^([A-Za-z0-9._-]{1,64})\/(data|model)\/(.+)$/su;

export function newObjectId(): string {
  return randomBytes(16).toString('hex');
}

export function isObjectId(text: string): boolean {
  return ID.test(text);
}

export function headerName({ project, kind, name }: ObjectName): string {
  return `${project}/${kind}/${name}`;
}

/** Undefined for an object that these commands did not seal. */
export function readHeaderName(object: string): ObjectName | undefined {
  const [, project, kind, name] = HEADER.exec(object) ?? [];
  if (project === undefined || name === undefined) return undefined;
  return { project, kind: kind === 'model' ? 'model' : 'data', name };
}
