// Reads makefiles and justfiles into what they hand to a shell: recipe lines, `$(shell ...)` and `!=`, with `$$` turned back
// into `$` and variables of the makefile put in where they are constants. Bounded in lines and in what variables unfold to.

export interface Recipe {
  readonly line: number;
  readonly target: string;
  readonly text: string;
  /** Runs while the makefile is read, whatever target is asked for. */
  readonly always: boolean;
}

const MAX_LINES = 50_000;
const MAX_VALUE = 8192;

export function readMakefile(text: string): readonly Recipe[] {
  const variables = new Map<string, string>();
  const found: Recipe[] = [];
  let target = '';
  const lines = text.split(/\r\n|\r|\n/).slice(0, MAX_LINES);
  for (let at = 0; at < lines.length; at++) {
    const start = at + 1;
    let line = lines[at] ?? '';
    while (line.endsWith('\\') && at + 1 < lines.length && line.length < 100_000)
      line = `${line}\n${lines[++at] ?? ''}`;
    const recipe = /^(?:\t|(?: {2,}(?=\S)))/.test(line) && target !== '';
    const shell = [...line.matchAll(/\$[({]shell\s+((?:[^()]|\((?:[^()]|\([^()]*\))*\)){1,4000})[)}]/g)];
    for (const [, command = ''] of shell)
      found.push({ line: start, target, text: unfold(command, variables), always: !recipe });
    if (recipe) {
      const body = line.replace(/^\s+/, '').replace(/^[@+-]+\s*/, '');
      const last = found.at(-1);
      const expanded = unfold(body, variables);
      // Lines of one target are told to the shell one by one, but a file that one makes the next can run.
      if (
        last !== undefined &&
        last.target === target &&
        !last.always &&
        shell.length === 0 &&
        last.line + last.text.split('\n').length === start
      )
        found[found.length - 1] = { ...last, text: `${last.text}\n${expanded}` };
      else found.push({ line: start, target, text: expanded, always: false });
      continue;
    }
    const assigned = /^\s*(?:export\s+|override\s+)?([A-Za-z_][\w.-]*)\s*(\?=|:{0,3}=|\+=|!=)\s*([\s\S]*)$/.exec(line);
    if (assigned !== null) {
      const [, name = '', op = '', value = ''] = assigned;
      if (op === '!=') found.push({ line: start, target, text: unfold(value, variables), always: true });
      else
        variables.set(
          name,
          `${op === '+=' ? `${variables.get(name) ?? ''} ` : ''}${unfold(value.replaceAll('\\\n', ' ').trim(), variables)}`.slice(
            0,
            MAX_VALUE,
          ),
        );
      continue;
    }
    const rule = /^([^\s#:=][^:=#]*?)\s*::?(?!=)(.*)$/s.exec(line);
    if (rule !== null) {
      target = (rule[1] ?? '').slice(0, 200);
      const inline = /;\s*([\s\S]+)$/.exec(rule[2] ?? '')?.[1];
      if (inline !== undefined) found.push({ line: start, target, text: unfold(inline, variables), always: false });
    }
  }
  return found;
}

function unfold(text: string, variables: ReadonlyMap<string, string>): string {
  const done = text.replace(
    /\$(?:\$|[({]([\w.-]+)[)}])|\{\{\s{0,10}(\w+)\s{0,10}\}\}/g,
    (whole, name?: string, other?: string) => {
      if (whole === '$$') return '$';
      return variables.get(name ?? other ?? '') ?? `\${${name ?? other ?? ''}}`;
    },
  );
  return done.slice(0, 100_000);
}
