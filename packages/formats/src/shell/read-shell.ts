// Reads shell scripts (POSIX sh, bash, the common ground of zsh and ksh) into commands and words, with quotes, here-documents,
// substitutions and pipes, and puts constants in. The attacker writes the whole text and knows how shells read it: a command
// can be spelled with quotes inside words, slices of variables, $'\x..' or $IFS, and each is undone here. Nothing runs.
// Grammar: POSIX.1-2017, XCU 2; bash reference manual, 3.5. Bounded in text, depth, commands and what variables unfold to.
import { constantOutput } from './constants.js';
import type { HereDocument } from './text.js';
import { join, lineAt, lineStarts, readHereDocument } from './text.js';
import type { Pipeline, Redirect, ShellCommand, ShellLimits, ShellReport, ShellScript, ShellWord } from './script.js';
import { SHELL_LIMITS } from './script.js';
import { Variables } from './variables.js';
import type { WordScope } from './read-word.js';
import { readWord, skipBlanks } from './read-word.js';

/** Words that open something and stand in front of a command. */
const OPENERS: Readonly<Record<string, string>> = {
  if: 'fi',
  while: 'done',
  until: 'done',
  for: 'done',
  select: 'done',
  case: 'esac',
  '{': '}',
};
const BETWEEN: ReadonlySet<string> = new Set([
  'then',
  'else',
  'elif',
  'do',
  '!',
  'time',
  'coproc',
  'begin',
  'and',
  'or',
  'not',
]);
const CLOSERS: ReadonlySet<string> = new Set(['fi', 'done', 'esac', '}']);
/** `((` opens arithmetic, or one sub-shell inside another. */
const ARITHMETIC = /^\(\((?:[^\n;'"`&|]|&&|\|\|)*\)\)/;
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]=]*\])?(\+?)=/;
const DECLARES: ReadonlySet<string> = new Set(['export', 'local', 'declare', 'typeset', 'readonly', 'set', 'setenv']);

class Stop extends Error {}

/** Shared by a script and the scripts inside its words. */
interface Spent {
  commands: number;
  /** Characters read, those read again after a quote without an end too. */
  characters: number;
}

/** Never throws: what could not be read is the report's fault, and what was read before it counts. */
export function readShell(text: string, limits: Partial<ShellLimits> = {}): ShellReport {
  return new Reader(text, { ...SHELL_LIMITS, ...limits }, { commands: 0, characters: 0 }).report();
}

class Reader implements WordScope {
  readonly text: string;
  readonly variables: Variables;
  readonly #limits: ShellLimits;
  readonly #spent: Spent;
  readonly #functions = new Set<string>();
  readonly #lines: readonly number[];
  #depth = 0;
  #fault: ShellReport['fault'];
  #heredocs: (HereDocument & { readonly redirect: { body?: string } })[] = [];
  at = 0;
  end: number;

  constructor(text: string, limits: ShellLimits, spent: Spent) {
    this.#limits = limits;
    this.#spent = spent;
    spent.characters += Math.min(text.length, limits.maxText);
    this.text = text.length > limits.maxText ? text.slice(0, limits.maxText) : text;
    this.end = this.text.length;
    this.variables = new Variables(limits.maxUnfolded);
    this.#lines = lineStarts(this.text);
    if (text.length > limits.maxText) this.#note('budget', `it has more than ${limits.maxText} characters`);
  }

  report(): ShellReport {
    const pipelines: Pipeline[] = [];
    try {
      while (this.at < this.end) {
        const before = this.at;
        pipelines.push(...this.#list(undefined).pipelines);
        // A closing word or bracket without its opening: go on behind it.
        if (this.at === before) this.at += 1;
      }
    } catch (error) {
      if (!(error instanceof Stop) && !(error instanceof RangeError)) throw error;
      this.#note('budget', 'it is nested too deep or has too many commands');
    }
    if (this.variables.exhausted) this.#note('budget', 'its variables unfold to too much');
    const script = { pipelines };
    return {
      script,
      functions: [...this.#functions],
      ...(this.#fault === undefined ? {} : { fault: this.#fault }),
    };
  }

  syntax(why: string, again = 0): void {
    this.#note('syntax', why);
    this.#spent.characters += again;
    if (this.#spent.characters > 8 * this.#limits.maxText) throw new Stop();
  }

  #note(kind: 'budget' | 'syntax', why: string): void {
    if (this.#fault === undefined || (kind === 'budget' && this.#fault.kind === 'syntax'))
      this.#fault = { kind, line: this.lineAt(this.at), why };
  }

  lineAt(offset: number): number {
    return lineAt(this.#lines, offset);
  }

  /** A script that starts here, up to the closing character of `$(`, `<(` or `(`. */
  nested(close: ')'): ShellScript {
    return this.#deeper(() => {
      const script = this.#list(close);
      if (this.text[this.at] === close && this.at < this.end) this.at += 1;
      else this.syntax('a bracket is not closed');
      return script;
    });
  }

  /** A script in text of its own, such as that between backquotes. */
  inner(text: string): ShellScript {
    return this.#deeper(() => {
      if (this.#spent.characters > 8 * this.#limits.maxText) throw new Stop();
      const limits = { ...this.#limits, maxDepth: this.#limits.maxDepth - this.#depth };
      const report = new Reader(text, limits, this.#spent).report();
      if (report.fault?.kind === 'budget') throw new Stop();
      return report.script;
    });
  }

  constant(script: ShellScript): string | undefined {
    return constantOutput(script);
  }

  #deeper<T>(act: () => T): T {
    this.#depth += 1;
    if (this.#depth > this.#limits.maxDepth) throw new Stop();
    const result = act();
    this.#depth -= 1;
    return result;
  }

  #list(close: ')' | ';;' | 'fi' | 'done' | '}' | undefined): ShellScript {
    const pipelines: Pipeline[] = [];
    for (;;) {
      this.#blankLines(close === ';;');
      if (this.at >= this.end) break;
      const char = this.text[this.at];
      if (char === ';') break;
      if (char === ')') {
        if (close === ')') break;
        this.at += 1;
        continue;
      }
      const word = this.#peek();
      if (CLOSERS.has(word)) {
        if (close === undefined || close === ')') {
          this.at += word.length;
          continue;
        }
        break;
      }
      const pipeline = this.#pipeline();
      if (pipeline.commands.length > 0) pipelines.push(pipeline);
    }
    return { pipelines };
  }

  /** @param branch stands still at `;;`, the end of a branch of a case */
  #blankLines(branch = false): void {
    for (;;) {
      skipBlanks(this);
      const char = this.text[this.at];
      if (this.at >= this.end) return;
      if (char === '\n') {
        this.at += 1;
        this.#readHeredocs();
      } else if (branch && char === ';' && /^;[;&]/.test(this.text.slice(this.at, this.at + 2))) return;
      else if (char === ';' || char === '&' || char === '|') this.at += 1;
      else if (char === '#') this.#comment();
      else return;
    }
  }

  #comment(): void {
    const line = this.text.indexOf('\n', this.at);
    this.at = line < 0 ? this.end : Math.min(line, this.end);
  }

  /** A word of letters or a brace at this place, read without moving. */
  #peek(): string {
    return (
      /^(?:[a-z]+|[{}!])(?=[\s;&|()<>]|$)/.exec(this.text.slice(this.at, Math.min(this.end, this.at + 12)))?.[0] ?? ''
    );
  }

  #pipeline(): Pipeline {
    const line = this.lineAt(this.at);
    const commands: ShellCommand[] = [];
    for (;;) {
      const before = this.at;
      const command = this.#command();
      if (command !== undefined) commands.push(command);
      skipBlanks(this);
      if (this.text[this.at] !== '|' || this.text[this.at + 1] === '|' || this.at >= this.end) {
        if (this.at === before && !this.#atSeparator()) this.at += 1;
        return { line, commands };
      }
      this.at += this.text[this.at + 1] === '&' ? 2 : 1;
      // A pipe at the end of a line goes on in the next.
      for (skipBlanks(this); this.text[this.at] === '\n' && this.at < this.end; skipBlanks(this)) {
        this.at += 1;
        this.#readHeredocs();
      }
    }
  }

  #atSeparator(): boolean {
    return this.at >= this.end || '\n;&|)'.includes(this.text[this.at] ?? '');
  }

  #command(): ShellCommand | undefined {
    this.#spent.commands += 1;
    if (this.#spent.commands > this.#limits.maxCommands) throw new Stop();
    skipBlanks(this);
    const line = this.lineAt(this.at);
    for (let word = this.#peek(); BETWEEN.has(word); word = this.#peek()) {
      this.at += word.length;
      this.#blankLines();
    }
    if (ARITHMETIC.test(this.text.slice(this.at, Math.min(this.end, this.at + 400)))) return this.#arithmetic(line);
    if (this.text[this.at] === '(') {
      this.at += 1;
      return this.#compound(line, this.nested(')'));
    }
    const opener = this.#peek();
    const closer = Object.hasOwn(OPENERS, opener) ? OPENERS[opener] : undefined;
    if (closer !== undefined) return this.#group(line, opener, closer as 'fi' | 'done' | 'esac' | '}');
    if (CLOSERS.has(opener)) return undefined;
    return this.#simple(line);
  }

  #arithmetic(line: number): ShellCommand {
    const close = this.text.indexOf('))', this.at);
    this.at = close < 0 ? this.end : Math.min(this.end, close + 2);
    return { line, assignments: [], words: [], redirects: [] };
  }

  #group(line: number, opener: string, closer: 'fi' | 'done' | 'esac' | '}'): ShellCommand {
    this.at += opener.length;
    let head: ShellCommand | undefined;
    if (opener === 'for' || opener === 'select' || opener === 'case') head = this.#head(line, opener);
    const body = this.#deeper(() => (closer === 'esac' ? this.#branches() : this.#list(closer)));
    if (this.#peek() === closer) this.at += closer.length;
    else {
      const other = this.#peek();
      if (CLOSERS.has(other)) this.at += other.length;
      this.syntax(`${opener} has no ${closer}`);
    }
    const pipelines = head === undefined ? body.pipelines : [{ line, commands: [head] }, ...body.pipelines];
    return this.#compound(line, { pipelines });
  }

  /** `pattern | pattern) commands ;;`, up to `esac`. */
  #branches(): ShellScript {
    const pipelines: Pipeline[] = [];
    while (this.at < this.end) {
      this.#blankLines();
      if (this.at >= this.end || this.#peek() === 'esac') break;
      const words: ShellWord[] = [];
      if (this.text[this.at] === '(') this.at += 1;
      while (this.at < this.end && this.text[this.at] !== ')') {
        const before = this.at;
        words.push(...readWord(this));
        if (this.at === before) this.at += 1;
      }
      this.at = Math.min(this.end, this.at + 1);
      const runs = words.flatMap((word) => word.runs.flatMap((run) => run.pipelines));
      pipelines.push(...runs, ...this.#list(';;').pipelines);
    }
    return { pipelines };
  }

  /** `for NAME in WORDS`, `case WORD in`. */
  #head(line: number, opener: string): ShellCommand | undefined {
    skipBlanks(this);
    if (opener === 'for' && this.text.startsWith('((', this.at)) return this.#arithmetic(line);
    const head = this.#simple(line, opener === 'case');
    const [name, , ...items] = head.words;
    if (opener !== 'case' && name !== undefined && /^[A-Za-z_]\w*$/.test(name.text)) {
      const [item] = items;
      // A pattern stands for files whose names only the shell knows, and still says where they are.
      if (items.length === 1 && item !== undefined)
        this.variables.set(name.text, { ...item, known: item.known && !/[*?]/.test(item.text) }, false);
      else this.variables.forget(name.text);
    }
    // Only what its words run matters; the words are no command.
    const runs = head.words.flatMap((word) => word.runs);
    return runs.length === 0
      ? undefined
      : { line, assignments: [], redirects: [], words: [], body: { pipelines: runs.flatMap((run) => run.pipelines) } };
  }

  #compound(line: number, body: ShellScript): ShellCommand {
    const redirects: Redirect[] = [];
    for (skipBlanks(this); this.#redirect(redirects); skipBlanks(this));
    return { line, assignments: [], words: [], redirects, body };
  }

  #simple(line: number, stopAtIn = false): ShellCommand {
    const assignments: { name: string; value: ShellWord }[] = [];
    const words: ShellWord[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      skipBlanks(this);
      const char = this.text[this.at];
      if (this.at >= this.end || char === '\n' || char === ';' || char === '|' || char === ')') break;
      if (char === '&' && this.text[this.at + 1] !== '>') break;
      if (char === '#') {
        this.#comment();
        break;
      }
      if (this.#redirect(redirects)) continue;
      if (char === '(') {
        if (words.length === 1 && /^\(\s*\)/.test(this.text.slice(this.at, this.at + 20)))
          return this.#function(line, words);
        // An array in a place where none is expected, an extended glob: what it runs still counts.
        this.at += 1;
        const body = this.nested(')');
        return { line, assignments, words, redirects, body };
      }
      const before = this.at;
      const assigned = words.length === 0 || DECLARES.has(words[0]?.text ?? '') ? this.#assignment() : undefined;
      if (assigned !== undefined) assignments.push(assigned);
      else words.push(...readWord(this));
      if (words.length === 1 && words[0]?.text === '[[') this.#test(words);
      if (words.length === 2 && words[0]?.text === 'function') return this.#function(line, words.slice(1));
      if (stopAtIn && words.at(-1)?.text === 'in') break;
      if (this.at === before) this.at += 1;
    }
    return { line, assignments, words, redirects };
  }

  /** The inside of `[[ ]]`, whose operators are no separators. */
  #test(words: ShellWord[]): void {
    const limit = Math.min(this.end, this.at + 20_000);
    while (this.at < limit) {
      skipBlanks(this);
      const char = this.text[this.at] ?? '';
      if ('\n;&|()<>'.includes(char)) {
        if (char === '\n' && /^\s*\n/.test(this.text.slice(this.at, this.at + 50))) return;
        this.at += 1;
        continue;
      }
      const read = readWord(this);
      words.push(...read);
      if (read.length === 0) this.at += 1;
      if (read.at(-1)?.raw === ']]') return;
    }
  }

  #function(line: number, words: readonly ShellWord[]): ShellCommand {
    const name = words[0]?.text ?? '';
    if (this.#functions.size < 10_000) this.#functions.add(name);
    skipBlanks(this);
    const brackets = /^\(\s*\)/.exec(this.text.slice(this.at, this.at + 20));
    this.at += brackets?.[0].length ?? 0;
    this.#blankLines();
    const body = this.#deeper(() => this.#command());
    return {
      line,
      assignments: [],
      words: [],
      redirects: [],
      body: { pipelines: body === undefined ? [] : [{ line, commands: [body] }] },
    };
  }

  #assignment(): { name: string; value: ShellWord } | undefined {
    const match = ASSIGNMENT.exec(this.text.slice(this.at, Math.min(this.end, this.at + 200)));
    const name = match?.[1];
    if (match === null || name === undefined) return undefined;
    this.at += match[0].length;
    const append = match[2] === '+';
    if (this.text[this.at] === '(') return this.#array(name, append);
    const blank = /[\s;&|()<>]/.test(this.text[this.at] ?? ' ');
    const read = blank ? [] : readWord(this, true);
    const value = join(read);
    this.variables.set(name, value, append);
    return { name, value };
  }

  #array(name: string, append: boolean): { name: string; value: ShellWord } {
    this.at += 1;
    const items: ShellWord[] = [];
    while (this.at < this.end && this.text[this.at] !== ')') {
      const before = this.at;
      if (/[\s;&|<>(]/.test(this.text[this.at] ?? '')) this.at += 1;
      else if (this.text[this.at] === '#') this.#comment();
      else items.push(...readWord(this));
      if (this.at === before) this.at += 1;
    }
    this.at = Math.min(this.end, this.at + 1);
    const value = join(items, ' ');
    this.variables.set(name, { ...value, items: items.map((item) => item.text) }, append);
    return { name, value };
  }

  #redirect(redirects: Redirect[]): boolean {
    const match = /^(\d{0,3}|\{\w{1,40}\})(<<<|<<-|<<|<>|<&|>>|>\||>&|&>>|&>|<(?!\()|>(?!\())/.exec(
      this.text.slice(this.at, Math.min(this.end, this.at + 60)),
    );
    if (match === null) return false;
    this.at += match[0].length;
    skipBlanks(this);
    const op = (match[2] ?? '').replace('&>', '>').replace('>|', '>');
    const [target] = readWord(this);
    const word = target ?? join([]);
    if (op !== '<<' && op !== '<<-') {
      redirects.push({ op, target: word });
      return true;
    }
    const redirect: { op: string; target: ShellWord; body?: string } = { op: '<<', target: word };
    redirects.push(redirect);
    this.#heredocs.push({ delimiter: word.text, strip: op === '<<-', redirect });
    return true;
  }

  #readHeredocs(): void {
    const waiting = this.#heredocs;
    this.#heredocs = [];
    for (const one of waiting) {
      const { body, end, closed } = readHereDocument(this.text, this.at, this.end, one);
      one.redirect.body = body;
      this.at = end;
      if (!closed) this.syntax('a here-document has no end');
    }
  }
}
