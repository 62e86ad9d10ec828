// Whether a condition of a Cedar policy can hold only for somebody in particular: a named principal, or one who has a named
// role. Mentioning the principal is not enough (`principal == principal`, `principal.name like "*"`, a role that must be
// absent), so everything but a few forms that certainly ask for somebody counts as open to everybody.
import { isJsonObject } from '@vallum/core';

interface Pair {
  readonly left: unknown;
  readonly right: unknown;
}

/** True when an expression in Cedar's JSON form, being true (or `whenFalse`, being false), takes a certain principal or role. */
export function demandsSomebody(node: unknown, whenFalse = false): boolean {
  if (!isJsonObject(node)) return false;
  const [operator, operands] = Object.entries(node)[0] ?? ['', undefined];
  if (!isJsonObject(operands)) return false;
  if (operator === '!') return demandsSomebody(operands['arg'], !whenFalse);
  const pair: Pair = { left: operands['left'], right: operands['right'] };
  if (operator === '&&' || operator === '||') {
    const sides = [pair.left, pair.right].map((side) => demandsSomebody(side, whenFalse));
    // Of what must hold together one is enough, of alternatives each has to ask.
    return (operator === '&&') === whenFalse ? sides.every(Boolean) : sides.some(Boolean);
  }
  return whenFalse ? operator === '!=' && isNamed(pair) : asksFor(operator, pair);
}

function asksFor(operator: string, pair: Pair): boolean {
  const { left, right } = pair;
  switch (operator) {
    case '==':
      return isNamed(pair);
    case 'in':
      return isPrincipal(left) && (isFixed(right) || isFixedSet(right));
    case 'contains':
      return (isAttribute(left, 'roles') && isFixed(right)) || (isFixedSet(left) && isWho(right));
    case 'containsAny':
      return isAttribute(left, 'roles') && isFixedSet(right);
    case 'containsAll':
      // Everybody has all roles of an empty set.
      return isAttribute(left, 'roles') && isFixedSet(right) && sizeOf(right) > 0;
    default:
      return false;
  }
}

function isNamed({ left, right }: Pair): boolean {
  return (isWho(left) && isFixed(right)) || (isFixed(left) && isWho(right));
}

function isWho(node: unknown): boolean {
  return isPrincipal(node) || isAttribute(node, 'name');
}

function isPrincipal(node: unknown): boolean {
  return isJsonObject(node) && node['Var'] === 'principal';
}

function isAttribute(node: unknown, name: string): boolean {
  const access = isJsonObject(node) ? node['.'] : undefined;
  return isJsonObject(access) && access['attr'] === name && isPrincipal(access['left']);
}

function isFixed(node: unknown): boolean {
  return isJsonObject(node) && 'Value' in node;
}

function isFixedSet(node: unknown): boolean {
  return isJsonObject(node) && Array.isArray(node['Set']) && node['Set'].every(isFixed);
}

function sizeOf(node: unknown): number {
  return isJsonObject(node) && Array.isArray(node['Set']) ? node['Set'].length : 0;
}
