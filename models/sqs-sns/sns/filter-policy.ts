import { isObject, readObject, type Json, type JsonObject } from '../contents.ts';
import type { KeyValue } from '../../parts/config.ts';

/** "Amazon SNS subscription filter policies": all names must match, any of the values of each. */

/** Does a message with these attributes (or this body) pass? */
export function matches(policy: JsonObject, values: JsonObject | undefined): boolean {
  return Object.entries(policy).every(([name, rule]) => {
    if (name === '$or') {
      return (rule as readonly JsonObject[]).some((one) => matches(one, values));
    }
    const value = values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
    if (Array.isArray(rule)) return rule.some((condition) => holds(condition as Json, value));
    return isObject(value) && matches(rule as JsonObject, value);
  });
}

function holds(condition: Json, value: Json | undefined): boolean {
  if (isObject(condition) && 'exists' in condition) {
    return (value !== undefined) === condition.exists;
  }
  if (Array.isArray(value)) return value.some((one) => holds(condition, one as Json));
  if (value === undefined) return false;
  if (!isObject(condition)) return condition === value;
  const [[operator, operand]] = Object.entries(condition);
  return OPERATORS[operator](operand, value);
}

const isText = (test: (text: string, operand: string) => boolean) => (operand: Json, value: Json) =>
  typeof value === 'string' && test(value, String(operand));

const OPERATORS: Readonly<Record<string, (operand: Json, value: Json) => boolean>> = {
  prefix: isText((text, operand) => text.startsWith(operand)),
  suffix: isText((text, operand) => text.endsWith(operand)),
  'equals-ignore-case': isText((a, b) => a.toLowerCase() === b.toLowerCase()),
  'anything-but': (operand, value) => {
    if (isObject(operand)) return !holds(operand, value);
    return !(Array.isArray(operand) ? operand : [operand]).includes(value);
  },
  numeric: (operand, value) => {
    const range = operand as readonly Json[];
    if (typeof value !== 'number') return false;
    for (let i = 0; i + 1 < range.length; i += 2) {
      if (!compare(String(range[i]), value, Number(range[i + 1]))) return false;
    }
    return true;
  },
};

function compare(operator: string, a: number, b: number): boolean {
  if (operator === '=') return a === b;
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

/** A filter policy, undefined when there is none, or what SNS says against it. */
export function parseFilterPolicy(value: KeyValue): JsonObject | string | undefined {
  const policy = readObject(value);
  return typeof policy === 'object' ? (wrong(policy) ?? policy) : policy;
}

function wrong(policy: JsonObject): string | undefined {
  for (const [name, rule] of Object.entries(policy)) {
    if (name === '$or') {
      if (!Array.isArray(rule) || rule.length < 2 || !rule.every((r) => isObject(r as Json))) {
        return '"$or" must be an array of at least two objects';
      }
      const inner = (rule as readonly JsonObject[]).map(wrong).find((w) => w !== undefined);
      if (inner !== undefined) return inner;
    } else if (Array.isArray(rule)) {
      const odd = rule.map((condition) => wrongCondition(condition as Json)).find((w) => w !== '');
      if (rule.length === 0) return `"${name}" must not be empty`;
      if (odd !== undefined) return odd;
    } else if (!isObject(rule)) return `"${name}" must be an object or an array`;
    else {
      const inner = wrong(rule);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

function wrongCondition(condition: Json): string {
  if (Array.isArray(condition)) return 'Match value must be String, number, true, false, or null';
  if (!isObject(condition)) return '';
  const names = Object.keys(condition);
  if (names.length !== 1) return 'Only one key allowed in match expression';
  const [name] = names;
  if (name === 'exists') {
    return typeof condition.exists === 'boolean'
      ? ''
      : 'exists match pattern must be true or false';
  }
  if (!Object.hasOwn(OPERATORS, name)) return `Unrecognized match type ${name}`;
  const operand = condition[name];
  if (name === 'anything-but' && isObject(operand)) return wrongCondition(operand);
  return name === 'numeric' && !isRange(operand) ? 'Value of numeric must be a range' : '';
}

function isRange(operand: Json): boolean {
  if (!Array.isArray(operand) || operand.length === 0 || operand.length % 2 !== 0) return false;
  return (operand as readonly Json[]).every((part, i) =>
    i % 2 === 0 ? ['=', '<', '<=', '>', '>='].includes(String(part)) : typeof part === 'number',
  );
}
