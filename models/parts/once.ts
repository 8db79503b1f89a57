/**
 * A reading of something that never changes, made once and shared: all runs of a scenario have the
 * same deployment, and most of a small run used to be spent on reading its settings again.
 */
export function once<Key extends object, Value>(read: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, { readonly value: Value }>();
  return (key) => {
    let known = made.get(key);
    if (known === undefined) made.set(key, (known = { value: read(key) }));
    return known.value;
  };
}
