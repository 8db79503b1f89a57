import { type Key, type KeyValue, Settings } from '../../parts/config.ts';
import { TOPIC_KEYS } from './topic-keys.ts';

/** A topic's settings with keys changed at run time; undefined when one of them is refused. */
export function withChanges(
  settings: Settings,
  altered: Readonly<Record<string, string>>,
): Settings | undefined {
  const values = new Map<string, KeyValue>();
  const given = new Set<string>();
  for (const key of TOPIC_KEYS) {
    values.set(key.name, settings.value(key.name));
    if (settings.given(key.name)) given.add(key.name);
  }
  for (const [name, text] of Object.entries(altered)) {
    const key = TOPIC_KEYS.find((k) => k.name === name);
    const value = key === undefined ? undefined : valueOf(key, text);
    if (value === undefined) return undefined;
    values.set(name, value);
    given.add(name);
  }
  return new Settings(values, given);
}

function valueOf(key: Key, text: string): KeyValue | undefined {
  if (!key.modelled) return undefined;
  if (key.type === 'bool') {
    return text === 'true' ? true : text === 'false' ? false : undefined;
  }
  if (key.type !== 'int') return key.oneOf?.includes(text) === false ? undefined : text;
  const value = Number(text);
  const { min = -Infinity, max = Infinity } = key;
  return Number.isInteger(value) && value >= min && value <= max ? value : undefined;
}
