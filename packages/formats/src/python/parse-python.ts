// Statements of Python, of versions 2 and 3. A line that does not fit becomes a fault, and the next line is read.
import { Lexer } from './lexer.js';
import { NOTHING } from './parse-atom.js';
import { ImportParser } from './parse-imports.js';
import type { Argument, Block, Expression, Parameter, Statement } from './syntax.js';
import { ParseBudget } from './tokens.js';
import type { Oddity, SourceFault } from './tokens.js';

export interface ParsedPython {
  readonly body: Block;
  readonly faults: readonly SourceFault[];
  readonly oddities: readonly Oddity[];
}

const MAX_BLOCKS = 100;
const ASSIGNMENTS = new Set(['+=', '-=', '*=', '/=', '//=', '%=', '**=', '>>=', '<<=', '&=', '|=', '^=', '@=']);

export function parsePython(source: string, maxTokens: number): ParsedPython {
  const lexer = new Lexer(source, { most: maxTokens, used: 0 });
  const body: Statement[] = [];
  try {
    new StatementParser(lexer).file(body);
  } catch (error) {
    if (!(error instanceof ParseBudget)) throw error;
    lexer.fault(error.message);
  }
  return { body, faults: lexer.faults, oddities: lexer.oddities };
}

class StatementParser extends ImportParser {
  #blocks = 0;

  file(body: Statement[]): void {
    while (this.lexer.peek().kind !== 'end') {
      const { kind } = this.lexer.peek();
      if (kind === 'indent' || kind === 'dedent' || kind === 'newline') {
        if (kind === 'indent') this.lexer.fault('it is indented for no reason', this.lexer.peek().line);
        this.lexer.next();
      } else this.#statement(body);
    }
  }

  #statement(into: Statement[]): void {
    const { kind, text, line } = this.lexer.peek();
    const compound = kind === 'name' ? this.#compound(text, line) : this.is('@') ? this.#decorated(line) : undefined;
    if (compound !== undefined) into.push(compound);
    else this.#line(into);
  }

  /** Simple statements with `;` between them, to the end of the line. */
  #line(into: Statement[]): void {
    do {
      if (this.lexer.peek().kind === 'newline') break;
      into.push(this.#simple());
    } while (this.take(';'));
    if (this.lexer.peek().kind === 'end' || this.lexer.peek().kind === 'dedent') return;
    if (this.lexer.peek().kind !== 'newline') {
      this.lexer.fault('the line goes on unexpectedly', this.lexer.peek().line);
      while (this.lexer.peek().kind !== 'newline' && this.lexer.peek().kind !== 'end') this.lexer.next();
    }
    this.lexer.next();
  }

  #block(): Block {
    const body: Statement[] = [];
    this.#blocks += 1;
    if (this.#blocks > MAX_BLOCKS) throw new ParseBudget('its blocks are nested too deep');
    if (!this.take(':')) {
      this.lexer.fault(': is missing', this.lexer.peek().line);
      while (!this.is(':') && this.lexer.peek().kind !== 'newline' && this.lexer.peek().kind !== 'end')
        this.lexer.next();
      this.take(':');
    }
    if (this.lexer.peek().kind !== 'newline') this.#line(body);
    else {
      this.lexer.next();
      if (this.lexer.peek().kind === 'indent') {
        this.lexer.next();
        while (this.lexer.peek().kind !== 'dedent' && this.lexer.peek().kind !== 'end') {
          if (this.lexer.peek().kind === 'newline' || this.lexer.peek().kind === 'indent') this.lexer.next();
          else this.#statement(body);
        }
        if (this.lexer.peek().kind === 'dedent') this.lexer.next();
      } else this.lexer.fault('a block is missing', this.lexer.peek().line);
    }
    this.#blocks -= 1;
    return body;
  }

  #compound(word: string, line: number): Statement | undefined {
    switch (word) {
      case 'if':
        return this.#if(line);
      case 'while': {
        this.lexer.next();
        const subject = this.value();
        return this.#loop({ subject, line });
      }
      case 'for': {
        this.lexer.next();
        const target = this.targets();
        this.expect('in');
        return this.#loop({ target, subject: this.list(), line });
      }
      case 'try':
        return this.#try(line);
      case 'with':
        return this.#with(line);
      case 'def':
        return this.#function([], line);
      case 'class':
        return this.#class([], line);
      case 'async':
        if (!this.is('def', 1) && !this.is('for', 1) && !this.is('with', 1)) return undefined;
        this.lexer.next();
        return this.#compound(this.lexer.peek().text, line);
      case 'match':
        return this.#isMatch() ? this.#match(line) : undefined;
      default:
        return undefined;
    }
  }

  #if(line: number): Statement {
    const branches: { test: Expression; body: Block }[] = [];
    do {
      this.lexer.next();
      const test = this.value();
      branches.push({ test, body: this.#block() });
    } while (this.is('elif'));
    return { kind: 'if', branches, other: this.take('else') ? this.#block() : [], line };
  }

  #loop(head: { target?: Expression; subject: Expression; line: number }): Statement {
    const body = this.#block();
    const other = this.take('else') ? this.#block() : [];
    return { kind: 'loop', ...head, body: [...body, ...other] };
  }

  #try(line: number): Statement {
    this.lexer.next();
    const blocks: { values: Expression[]; name?: string; body: Block }[] = [{ values: [], body: this.#block() }];
    while (this.is('except') || this.is('else') || this.is('finally')) {
      const except = this.lexer.next().text === 'except';
      const values: Expression[] = [];
      let name: string | undefined;
      if (except) {
        this.take('*');
        if (!this.is(':')) values.push(this.value());
        // Python 2 writes `except Error, name`; Python 3.14 several errors.
        while (this.take('as') || this.take(',')) {
          const { kind, text } = this.lexer.peek();
          if (kind !== 'name') values.push(this.value());
          else name = this.lexer.next().text ?? text;
        }
      }
      blocks.push({ values, body: this.#block(), ...(name === undefined ? {} : { name }) });
    }
    return { kind: 'blocks', subjects: [], blocks, line };
  }

  #with(line: number): Statement {
    this.lexer.next();
    const items: { value: Expression; target?: Expression }[] = [];
    const bracketed = this.is('(') && this.#bracketHoldsItems();
    if (bracketed) this.lexer.next();
    do {
      if (this.is(')')) break;
      const value = this.value();
      const target = this.take('as') ? this.starred() : undefined;
      items.push({ value, ...(target === undefined ? {} : { target }) });
    } while (this.take(','));
    if (bracketed) this.expect(')');
    return { kind: 'with', items, body: this.#block(), line };
  }

  /** `with (a as b, c):` against `with (a):` and `with (a).b as c:`. */
  #bracketHoldsItems(): boolean {
    let depth = 0;
    for (let ahead = 0; ahead < 2000; ahead++) {
      const { kind, text } = this.lexer.peek(ahead);
      if (kind === 'newline' || kind === 'end') return false;
      if (kind === 'op' && '([{'.includes(text)) depth += 1;
      else if (kind === 'op' && ')]}'.includes(text)) {
        depth -= 1;
        if (depth === 0) return this.is(':', ahead + 1);
      }
    }
    return false;
  }

  #decorated(line: number): Statement | undefined {
    const decorators: Expression[] = [];
    while (this.take('@')) {
      decorators.push(this.value());
      if (this.lexer.peek().kind === 'newline') this.lexer.next();
    }
    this.take('async');
    if (this.is('def')) return this.#function(decorators, line);
    if (this.is('class')) return this.#class(decorators, line);
    this.lexer.fault('a decorator of nothing', line);
    return { kind: 'values', values: decorators, line };
  }

  #function(decorators: readonly Expression[], line: number): Statement {
    this.lexer.next();
    const name = this.lexer.peek().kind === 'name' ? this.lexer.next().text : '';
    const typed = this.is('[') ? this.#typeParameters() : [];
    this.expect('(');
    const parameters: Parameter[] = [...typed, ...this.parameters(')', true)];
    this.expect(')');
    const returns = this.take('->') ? this.value() : undefined;
    const body = this.#block();
    return {
      kind: 'function',
      name,
      parameters,
      decorators,
      body,
      line,
      ...(returns === undefined ? {} : { returns }),
    };
  }

  /** `[T: bound = default]`: bounds are evaluated later or never, so they only pass. */
  #typeParameters(): readonly Parameter[] {
    this.lexer.next();
    while (!this.is(']') && this.lexer.peek().kind !== 'newline' && this.lexer.peek().kind !== 'end') {
      if (this.is('[')) this.#typeParameters();
      else this.lexer.next();
    }
    this.take(']');
    return [];
  }

  #class(decorators: readonly Expression[], line: number): Statement {
    this.lexer.next();
    const name = this.lexer.peek().kind === 'name' ? this.lexer.next().text : '';
    if (this.is('[')) this.#typeParameters();
    const bases: readonly Argument[] = this.is('(') ? this.arguments() : [];
    return { kind: 'class', name, bases, decorators, body: this.#block(), line };
  }

  /** `match` is a word like any other, unless its line ends with a colon and a `case` follows. */
  #isMatch(): boolean {
    let depth = 0;
    const after = this.lexer.peek(1);
    if (after.kind === 'op' && !'([{-~*...'.includes(after.text)) return false;
    for (let ahead = 1; ahead < 500; ahead++) {
      const { kind, text } = this.lexer.peek(ahead);
      if (kind === 'newline' || kind === 'end') return false;
      if (kind !== 'op') continue;
      if ('([{'.includes(text)) depth += 1;
      else if (')]}'.includes(text)) depth -= 1;
      else if (text === ':' && depth === 0)
        return (
          this.lexer.peek(ahead + 1).kind === 'newline' &&
          this.lexer.peek(ahead + 2).kind === 'indent' &&
          this.is('case', ahead + 3)
        );
    }
    return false;
  }

  #match(line: number): Statement {
    this.lexer.next();
    const subjects = [this.list()];
    this.expect(':');
    while (this.lexer.peek().kind === 'newline') this.lexer.next();
    if (this.lexer.peek().kind === 'indent') this.lexer.next();
    const blocks: { values: Expression[]; target: Expression; body: Block }[] = [];
    while (this.is('case')) {
      this.lexer.next();
      this.pattern = true;
      const target = this.list();
      this.pattern = false;
      const values = this.take('if') ? [this.value()] : [];
      blocks.push({ values, target, body: this.#block() });
    }
    if (this.lexer.peek().kind === 'dedent') this.lexer.next();
    return { kind: 'blocks', subjects, blocks, line };
  }

  #simple(): Statement {
    const { kind, text, line } = this.lexer.peek();
    if (kind === 'name')
      switch (text) {
        case 'import':
          this.lexer.next();
          return { kind: 'import', names: this.imported(), line };
        case 'from':
          if (this.is('import', 1) || this.lexer.peek(1).kind === 'name' || this.is('.', 1) || this.is('...', 1))
            return this.from(line);
          break;
        case 'return':
          this.lexer.next();
          return { kind: 'return', value: this.#ends() ? NOTHING : this.list(), line };
        case 'global':
        case 'nonlocal':
          this.lexer.next();
          return { kind: 'global', names: this.imported().map(({ name }) => name), line };
        case 'pass':
        case 'break':
        case 'continue':
          this.lexer.next();
          return { kind: 'values', values: [], line };
        case 'raise':
        case 'assert':
        case 'del':
          return this.#values(line);
        case 'print':
        case 'exec':
          if (this.startsOperand(1) || (text === 'print' && this.is('>>', 1))) return this.#oldStatement(text, line);
          break;
        case 'type':
          if (this.lexer.peek(1).kind === 'name' && (this.is('=', 2) || this.is('[', 2))) this.lexer.next();
          break;
      }
    return this.#assignment(line);
  }

  #ends(): boolean {
    const { kind } = this.lexer.peek();
    return kind === 'newline' || kind === 'end' || this.is(';');
  }

  #values(line: number): Statement {
    this.lexer.next();
    const values: Expression[] = [];
    while (!this.#ends()) {
      const before = this.lexer.peek();
      values.push(this.list());
      if (!this.take('from') && !this.take(',') && this.lexer.peek() === before) break;
      if (this.is(')')) break;
    }
    return { kind: 'values', values, line };
  }

  /** `print x` and `exec code in names` of Python 2, as the calls that they are. */
  #oldStatement(name: string, line: number): Statement {
    this.lexer.next();
    this.take('>>');
    const items = this.#ends() ? [] : [this.list()];
    while (this.take('in') || this.take(',')) items.push(this.list());
    const first = items[0];
    // `exec code in names` reads as a comparison.
    const parts = first?.kind === 'logic' && first.operators[0] === 'in' ? first.items : items;
    return {
      kind: 'expression',
      value: {
        kind: 'trail',
        base: { kind: 'name', name, line },
        trail: [{ kind: 'call', arguments: parts.map((value) => ({ value })), line }],
        line,
      },
      line,
    };
  }

  #assignment(line: number): Statement {
    const first = this.list();
    if (this.is(':')) {
      this.lexer.next();
      const annotation = this.value();
      const value = this.take('=') ? this.list() : undefined;
      return { kind: 'assign', targets: [first], annotation, line, ...(value === undefined ? {} : { value }) };
    }
    const { kind, text } = this.lexer.peek();
    if (kind === 'op' && ASSIGNMENTS.has(text)) {
      this.lexer.next();
      return { kind: 'assign', targets: [first], operator: text.slice(0, -1), value: this.list(), line };
    }
    if (!this.is('=')) return { kind: 'expression', value: first, line };
    const parts = [first];
    while (this.take('=')) parts.push(this.list());
    return { kind: 'assign', targets: parts.slice(0, -1), value: parts.at(-1) ?? NOTHING, line };
  }
}
