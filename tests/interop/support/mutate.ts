// Random changes: to any place in a JSON value, which stays JSON, or to the text of it.
import { createHash } from 'node:crypto';

type Random = () => number;

const pick = <T>(list: readonly T[], random: Random): T => list[Math.floor(random() * list.length)] as T;

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  1.5,
  '',
  '.',
  '..',
  'a',
  'x',
  [],
  {},
  ['a'],
  'sha256',
  'files',
];

type Container = Record<string, unknown> | unknown[];

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

function containers(value: unknown): Container[] {
  return isContainer(value) ? [value, ...Object.values(value).flatMap(containers)] : [];
}

function changedText(text: string, random: Random): string {
  const at = Math.floor(random() * (text.length + 1));
  return pick(
    [
      `./${text}`,
      `${text}/`,
      `/${text}`,
      `../m/${text}`,
      text.toUpperCase(),
      ` ${text}`,
      `${text.slice(0, at)}${text.slice(at + 1)}`,
      `${text.slice(0, at)}${pick(['0', 'a', 'A', '/', '.', ' ', '=', '-', '\u0000', 'é'], random)}${text.slice(at)}`,
    ],
    random,
  );
}

/** One to three changes of values, names or order; the root digest is made right again two times in three. */
export function mutateJson(original: unknown, random: Random): string {
  const copy: unknown = JSON.parse(JSON.stringify(original));
  for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes -= 1) change(copy, random);
  if (random() < 0.67) setRoot(copy);
  const text = JSON.stringify(copy);
  return random() < 0.1 ? doubleKey(text, random) : text;
}

function change(root: unknown, random: Random): void {
  const targets = containers(root).filter((one) => Object.keys(one).length > 0);
  if (targets.length === 0) return;
  const target = pick(targets, random) as Record<string, unknown>;
  const key = pick(Object.keys(target), random);
  const value = target[key];
  const how = random();
  if (Array.isArray(target) && how < 0.4) {
    if (how < 0.15) target.reverse();
    else if (how < 0.3) target.push(structuredClone(value));
    else target.splice(Number(key), 1);
  } else if (how < 0.5 && typeof value === 'string') target[key] = changedText(value, random);
  else if (how < 0.65) delete target[key];
  else if (how < 0.75)
    target[pick(['x', 'hint', 'certificate', 'shard_size', 'ignore_paths'], random)] = structuredClone(value);
  else target[key] = structuredClone(pick(VALUES, random));
}

const member = (value: unknown, key: string): unknown =>
  isContainer(value) ? (value as Record<string, unknown>)[key] : undefined;

function setRoot(value: unknown): void {
  const resources = member(member(value, 'predicate'), 'resources');
  const digest = member(member(member(value, 'subject'), '0'), 'digest');
  if (!Array.isArray(resources) || !isContainer(digest)) return;
  const raw = Array.from(resources, (one: unknown) => Buffer.from(String(member(one, 'digest')), 'hex'));
  (digest as Record<string, unknown>)['sha256'] = createHash('sha256').update(Buffer.concat(raw)).digest('hex');
}

/** The same member again, or with another value, before or after. */
function doubleKey(text: string, random: Random): string {
  const members = [...text.matchAll(/"[a-zA-Z_]+":("[^"]*"|[0-9]+|true|false)/g)];
  if (members.length === 0) return text;
  const { 0: pair, 1: value = '', index } = pick(members, random);
  const other = random() < 0.5 ? pair : pair.replace(value, '"y"');
  return `${text.slice(0, index)}${other},${text.slice(index)}`;
}

/** One byte removed, doubled, changed or put in, or all cut off from there. */
export function mutateText(text: string, random: Random): string {
  const at = Math.floor(random() * text.length);
  const [before, rest] = [text.slice(0, at), text.slice(at)];
  const one = String.fromCharCode(32 + Math.floor(random() * 95));
  return pick(
    [
      before + rest.slice(1),
      before + (rest[0] ?? '') + rest,
      before + one + rest.slice(1),
      before + one + rest,
      before,
    ],
    random,
  );
}
