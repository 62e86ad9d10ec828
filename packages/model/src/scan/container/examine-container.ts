// Build files of containers. A build runs its RUN lines with the network, one after the other on one disk, so that what ADD
// or one RUN fetches, another may run.
import type { Instruction } from '@vallum/formats';
import { readDockerfile } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, wholeText } from '../context.js';
import { ShellSession } from '../shell/judge-shell.js';
import { originOf } from '../shell/origins.js';
import { noteCommands, rulesOf } from '../shell/note-commands.js';
import { holdsSecret } from './settings.js';

export async function examineContainer(context: Context, item: Item): Promise<void> {
  const text = await wholeText(context, item, 'as a build file of a container');
  if (text === undefined) return;
  const build: Build = { stages: new Set(), session: new ShellSession(rulesOf(context), 'container'), settings: '' };
  for (const instruction of readDockerfile(text)) judge(context, item, instruction, build);
}

interface Build {
  readonly stages: Set<string>;
  readonly session: ShellSession;
  /** ENV and ARG so far, as assignments of a shell in one line. */
  settings: string;
}

function judge(context: Context, item: Item, instruction: Instruction, build: Build): void {
  const { name, text, line, flags } = instruction;
  const { stages } = build;
  const tell = (rule: string, detail: string): void =>
    find(context, item, { rule, detail: `${detail.slice(0, 200)}, line ${line}`, location: { line } });
  switch (name) {
    case 'ONBUILD': {
      const [inner] = readDockerfile(text);
      if (inner !== undefined) judge(context, item, { ...inner, line }, build);
      return;
    }
    case 'FROM': {
      const [image = '', , stage] = text.trim().split(/\s+/);
      if (
        !stages.has(image.toLowerCase()) &&
        image !== 'scratch' &&
        !image.includes('@sha256:') &&
        !image.includes('$')
      )
        tell('VLM-DKR-001', image);
      if (stage !== undefined) stages.add(stage.toLowerCase());
      return;
    }
    case 'USER':
      if (/^(?:root|0)(?::|\s*$)/.test(text.trim())) tell('VLM-DKR-002', text.trim());
      return;
    case 'ENV':
    case 'ARG':
      if (build.settings.length < 20_000)
        for (const [key, value] of assignments(text))
          build.settings += `${key}="${value.replace(/["\\`\n]|\$\(/g, '')}"; `;
      for (const [key, value] of assignments(text)) if (holdsSecret(key, value)) tell('VLM-DKR-003', `${name} ${key}`);
      return;
    case 'ADD':
      return added(context, item, instruction, build);
    case 'RUN':
      if (flags.some((flag) => /--security=insecure|--network=host/.test(flag))) tell('VLM-DKR-005', flags.join(' '));
      runs(context, item, instruction, build);
      return;
    case 'CMD':
    case 'ENTRYPOINT':
    case 'HEALTHCHECK':
    case 'SHELL':
      runs(context, item, { ...instruction, text: text.replace(/^(?:\s*--\S+)*\s*CMD\s+/i, '') }, build);
      return;
    default:
  }
}

function runs(
  context: Context,
  item: Item,
  { name, text, line, exec, heredocs }: Instruction,
  { session, settings }: Build,
): void {
  const where = { line, place: 'container' as const, name, session };
  if (exec !== undefined) {
    noteCommands(context, item, exec.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' '), where);
    return;
  }
  if (heredocs.length === 0) {
    noteCommands(context, item, settings + text, where);
    return;
  }
  // The body is the script, or the input of the command in front of it.
  const command = text.replace(/<<-?\s*["']?[A-Za-z_][\w.-]*["']?/g, '').trim();
  for (const body of heredocs) {
    if (command === '' || command.startsWith('#'))
      noteCommands(context, item, settings + body, { ...where, line: line + 1 });
    else noteCommands(context, item, `${settings}${command} <<'END_OF_BODY'\n${body}\nEND_OF_BODY\n`, where);
  }
}

function added(context: Context, item: Item, { text, line, flags }: Instruction, build: Build): void {
  const source = text
    .trim()
    .split(/\s+/)
    .find((word) => /^[a-z][a-z0-9+.-]*:\/\//i.test(word));
  if (source === undefined) return;
  const origin = originOf(source, rulesOf(context).data);
  const { trust, why } = origin;
  const to = text.trim().split(/\s+/).at(-1) ?? '';
  for (const file of [to, `${to.replace(/\/$/, '')}/${source.split('/').at(-1) ?? ''}`])
    build.session.fetched(file, origin, line);
  const checked = flags.some((flag) => flag.startsWith('--checksum='));
  find(context, item, {
    rule: 'VLM-DKR-004',
    ...(trust === 'bad' && !checked ? { severity: 'high' as const } : {}),
    detail: `${source.slice(0, 200)} (${why}), line ${line}`,
    location: { line },
  });
}

function assignments(text: string): readonly [string, string][] {
  const joined = text.replaceAll('\\\n', ' ');
  const pairs = [...joined.matchAll(/([A-Za-z_]\w*)=("(?:[^"\\]|\\.)*"|'[^']*'|\S*)/g)].map(
    ([, key = '', value = '']): [string, string] => [key, value.replace(/^["']|["']$/g, '')],
  );
  const old = /^\s*([A-Za-z_]\w*)\s+(.+)$/.exec(joined);
  return pairs.length > 0 || old === null ? pairs : [[old[1] ?? '', (old[2] ?? '').trim()]];
}
