// `import` and `from`, and the names they bind.
import { ExpressionParser } from './parse-expression.js';
import type { ImportedName, Statement } from './syntax.js';

export class ImportParser extends ExpressionParser {
  protected imported(): readonly ImportedName[] {
    const names: ImportedName[] = [];
    const bracketed = this.take('(');
    do {
      if (this.is(')')) break;
      const name = this.#dotted();
      const as = this.take('as') ? this.lexer.next().text : undefined;
      if (name !== '') names.push({ name, ...(as === undefined ? {} : { as }) });
    } while (this.take(','));
    if (bracketed) this.expect(')');
    return names;
  }

  #dotted(): string {
    let name = '';
    while (this.lexer.peek().kind === 'name') {
      name += this.lexer.next().text;
      if (!this.is('.')) break;
      this.lexer.next();
      name += '.';
    }
    if (name === '') this.lexer.fault('a name is missing', this.lexer.peek().line);
    return name;
  }

  protected from(line: number): Statement {
    this.lexer.next();
    let level = 0;
    while (this.is('.') || this.is('...')) level += this.lexer.next().text.length;
    const module = this.is('import') ? '' : this.#dotted();
    this.expect('import');
    if (this.take('*')) return { kind: 'from', level, module, line };
    return { kind: 'from', level, module, names: this.imported(), line };
  }
}
