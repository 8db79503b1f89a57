/** The type of a real configuration key's value, in the real system's own unit. */
export type KeyType = 'int' | 'bool' | 'text' | 'list' | 'json';
export type KeyUnit = 'ms' | 's' | 'min' | 'h' | 'bytes' | '';
export type KeyValue = number | boolean | string | null;

/** One configuration key of a real system. */
export interface Key {
  /** Spelled as the real system spells it. */
  readonly name: string;
  readonly type: KeyType;
  readonly unit: KeyUnit;
  readonly default: KeyValue;
  readonly min?: number;
  readonly max?: number;
  readonly oneOf?: readonly string[];
  /** What the real system calls a value out of range, for instance InvalidAttributeValue. */
  readonly refusal?: string;
  /** False: it exists, and this project does not model it; a scenario that sets it is warned. */
  readonly modelled: boolean;
  /** One sentence for the reference and for editors. */
  readonly says: string;
  /**
   * Defaults of older versions, newest first: the first whose `before` exceeds the version wins.
   */
  readonly was?: readonly { readonly before: string; readonly default: KeyValue }[];
}

export type KeyTable = readonly Key[];

/** The values of one component, defaults filled in. Read once, at build; never per message. */
export class Settings {
  readonly #values: ReadonlyMap<string, KeyValue>;
  readonly #given: ReadonlySet<string>;

  constructor(values: ReadonlyMap<string, KeyValue>, given: ReadonlySet<string>) {
    this.#values = values;
    this.#given = given;
  }

  /** Did the scenario set it, or is it the default? Some rules ask that. */
  given(name: string): boolean {
    return this.#given.has(name);
  }

  /** What the scenario set, for systems in which a default is not the same as a given value. */
  givenValues(): ReadonlyMap<string, KeyValue> {
    return new Map([...this.#values].filter(([name]) => this.#given.has(name)));
  }

  value(name: string): KeyValue {
    const value = this.#values.get(name);
    if (value === undefined) throw new RangeError(`no key "${name}" in this table`);
    return value;
  }

  /** In the key's own unit. */
  number(name: string): number {
    return Number(this.value(name));
  }

  flag(name: string): boolean {
    return this.value(name) === true;
  }

  text(name: string): string {
    return String(this.value(name) ?? '');
  }
}

/** True when version `a` is older than version `b`; "2.10" is younger than "2.9". */
export function olderThan(a: string, b: string): boolean {
  const [x, y] = [a, b].map((v) => v.split('.').map(Number));
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const [m, n] = [x[i] ?? 0, y[i] ?? 0];
    if (m !== n) return m < n;
  }
  return false;
}
