// Reads Dockerfiles and Containerfiles into instructions: continued lines, comments between them, the `escape` directive,
// here-documents, the JSON form of commands. The attacker writes all of it, and a build runs it.
// Grammar: Dockerfile reference of BuildKit. Bounded in lines; what is no instruction is kept as one of its own name.

export interface Instruction {
  readonly line: number;
  /** In upper case: `RUN`, `ADD`, ... */
  readonly name: string;
  /** `--mount=...`, `--chown=...` in front of the arguments. */
  readonly flags: readonly string[];
  readonly text: string;
  /** The JSON form, `["a", "b"]`. */
  readonly exec?: readonly string[];
  readonly heredocs: readonly string[];
}

const MAX_LINES = 50_000;
const TAKES_HEREDOC = /^(?:RUN|COPY|ADD)$/;

export function readDockerfile(text: string): readonly Instruction[] {
  const lines = text.split(/\r\n|\r|\n/).slice(0, MAX_LINES);
  const escape = /^\s*#\s*escape\s*=\s*(`|\\)\s*$/im.exec(lines.slice(0, 5).join('\n'))?.[1] ?? '\\';
  const found: Instruction[] = [];
  for (let at = 0; at < lines.length; at++) {
    const start = at;
    if (/^\s*(?:#|$)/.test(lines[at] ?? '')) continue;
    let joined = '';
    for (; at < lines.length; at++) {
      const line = lines[at] ?? '';
      // Comment lines and empty lines between continued lines are dropped.
      if (joined !== '' && /^\s*(?:#.*)?$/.test(line)) continue;
      const body = line.trimEnd();
      if (!body.endsWith(escape)) {
        joined += line;
        break;
      }
      joined += `${body.slice(0, -1)}\\\n`;
    }
    const match = /^\s*([A-Za-z]+)(?:\s+|$)([\s\S]*)$/.exec(joined);
    const name = (match?.[1] ?? '').toUpperCase();
    const { flags, rest } = splitFlags(match?.[2] ?? joined);
    const heredocs: string[] = [];
    if (TAKES_HEREDOC.test(name))
      for (const [, strip, delimiter = ''] of rest.matchAll(/<<(-?)\s*["']?([A-Za-z_][\w.-]*)["']?/g)) {
        const body: string[] = [];
        for (at += 1; at < lines.length; at++) {
          const line = strip === '-' ? (lines[at] ?? '').replace(/^\t+/, '') : (lines[at] ?? '');
          if (line === delimiter) break;
          body.push(line);
        }
        heredocs.push(body.join('\n'));
      }
    const exec = execForm(rest);
    found.push({ line: start + 1, name, flags, text: rest, heredocs, ...(exec === undefined ? {} : { exec }) });
  }
  return found;
}

function splitFlags(text: string): { flags: readonly string[]; rest: string } {
  const flags: string[] = [];
  let rest = text.trimStart();
  for (
    let match = /^(--[a-z-]+(?:=\S*)?)(?:\s|\\\n)+/.exec(rest);
    match !== null;
    match = /^(--[a-z-]+(?:=\S*)?)(?:\s|\\\n)+/.exec(rest)
  ) {
    flags.push(match[1] ?? '');
    rest = rest.slice(match[0].length);
  }
  return { flags, rest };
}

function execForm(text: string): readonly string[] | undefined {
  const trimmed = text.replaceAll('\\\n', ' ').trim();
  if (!trimmed.startsWith('[') || trimmed.length > 100_000) return undefined;
  try {
    const value: unknown = JSON.parse(trimmed);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}
