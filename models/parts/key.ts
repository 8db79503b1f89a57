import type { Key, KeyTable, KeyType, KeyUnit, KeyValue } from './config.ts';

type Extra = Partial<Pick<Key, 'min' | 'max' | 'oneOf' | 'was'>>;

function modelled(
  type: KeyType,
  name: string,
  unit: KeyUnit,
  value: KeyValue,
  says: string,
  extra: Extra,
): Key {
  return { name, type, unit, default: value, modelled: true, says, ...extra };
}

/** A number without a unit. */
export function int(name: string, value: KeyValue, says: string, extra: Extra = {}): Key {
  return modelled('int', name, '', value, says, { min: 0, ...extra });
}
export function ms(name: string, value: KeyValue, says: string, extra: Extra = {}): Key {
  return modelled('int', name, 'ms', value, says, { min: 0, ...extra });
}
export function span(
  unit: KeyUnit,
  name: string,
  value: KeyValue,
  says: string,
  extra: Extra = {},
): Key {
  return modelled('int', name, unit, value, says, { min: 0, ...extra });
}
export function bytes(name: string, value: KeyValue, says: string, extra: Extra = {}): Key {
  return modelled('int', name, 'bytes', value, says, { min: 0, ...extra });
}
export function bool(name: string, value: KeyValue, says: string, extra: Extra = {}): Key {
  return modelled('bool', name, '', value, says, extra);
}
export function text(name: string, value: KeyValue, says: string, extra: Extra = {}): Key {
  return modelled('text', name, '', value, says, extra);
}
export function list(name: string, value: KeyValue, says: string, extra: Extra = {}): Key {
  return modelled('list', name, '', value, says, extra);
}

/**
 * Keys that exist and change nothing here, one a word: a pasted configuration is warned by name
 * and not refused. They take any value, so all are texts.
 */
export function unmodelled(system: string, names: string): KeyTable {
  return names
    .trim()
    .split(/\s+/)
    .map((name) => ({
      name,
      type: 'text' as const,
      unit: '' as const,
      default: null,
      modelled: false,
      says: `Exists in ${system} and is not modelled.`,
    }));
}
