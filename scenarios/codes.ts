/**
 * Every mistake the loader knows, by its stable code. docs/reference is generated from this table,
 * so a code is never given another meaning, and a retired one is never given out again.
 */
export const CODES = {
  // The text itself.
  SCN001: 'The file is not text: it contains control characters.',
  SCN002: 'The file is larger than 1 MiB.',
  SCN003: 'The file is empty.',
  SCN004: 'The file is not YAML.',
  SCN005: 'A key is written twice.',
  SCN006: 'The file nests too deeply, or its aliases unfold to too much.',
  SCN007: 'A key is not a plain text.',
  SCN008: 'An alias or a tag means nothing here.',
  SCN009: 'The file holds more than one document.',
  // Its form.
  SCN010: 'A key is not part of the file format at this place.',
  SCN011: 'A required key is missing.',
  SCN012: 'A fault is none of the known kinds, or several at once.',
  SCN013: 'A value has the wrong form.',
  SCN014: 'A word is none of those possible here.',
  SCN015: 'A quantity has no unit, or an unknown one.',
  SCN016: 'A number is outside its range.',
  SCN017: 'A name contains characters that names do not have.',
  SCN018: 'Two things have one name.',
  SCN019: 'A quantity is finer than the simulator (or the key) can express.',
  // What is deployed.
  SCN020: 'No such system is modelled.',
  SCN021: 'The system is not modelled in this version.',
  SCN022: 'The system does not have this kind of channel.',
  SCN023: 'No such topic or queue.',
  SCN024: 'Both or neither of `system:` and `systems:` are given.',
  SCN025: 'Two settings contradict each other.',
  // Configuration keys of the real systems.
  SCN030: 'The real system has no such configuration key.',
  SCN031: 'The key exists in the real system and is not modelled: it has no effect here.',
  SCN032: 'The key belongs to another place.',
  SCN033: 'The value of a configuration key has the wrong type.',
  SCN034: 'The value of a configuration key is outside its range.',
  SCN035: 'The value of a configuration key is none of those possible.',
  SCN036: 'Pasted configuration cannot be read.',
  SCN037: 'The real system refuses this configuration.',
  SCN038: 'The real system silently changes this configuration.',
  // Faults.
  SCN040: 'No such node.',
  SCN041: 'No such protocol message.',
  SCN042: 'The fault has no time: none of `at`, `nth`, `when`, `chance`.',
  SCN043: 'The fault has two times: more than one of `at`, `nth`, `when`, `chance`.',
  SCN044: '`nth` counts messages; this fault is not about messages.',
  SCN045: 'The fault strikes after the end of the run.',
  SCN046: 'A duration of the fault has no meaning with the rest of it.',
  SCN047: 'A stream (TCP) neither reorders nor duplicates.',
  SCN048: 'The two sides of a partition overlap.',
  SCN049: 'One node is wanted here, not several.',
  // Expectations and alerts.
  SCN050: 'No such measure.',
  SCN051: 'No such subscription, producer or alert.',
  SCN052: 'An expected value cannot be read.',
  // Actions of operators.
  SCN055: 'An action is none of those that the system knows, or several at once.',
  SCN056: 'An action has no time.',
  // Assignments and variants.
  SCN060: 'The path leads nowhere.',
  SCN061: 'A variant cannot be told from another.',
  SCN062: 'A grid has an axis without values.',
  // Bounds.
  SCN080: 'More messages than a run may have.',
  SCN081: 'More nodes than a run may have.',
  SCN082: 'More partitions than a run may have.',
  SCN083: 'More faults than a scenario may have.',
  SCN084: 'More variants than a scenario may have.',
  SCN085: 'A limit is above its ceiling.',
  // Tests that bring code of their own.
  SCN090: 'What a test hands over does not go with its scenario.',
  SCN099: 'There are more mistakes than are listed.',
} as const;

export type Code = keyof typeof CODES;

/** Codes that do not keep a scenario from running, unless asked to be strict. */
export const WARNINGS: ReadonlySet<Code> = new Set<Code>(['SCN031', 'SCN038']);

/** Nothing starts that would not end, or not fit: checked before a run. */
export const BOUNDS = {
  characters: 1_048_576,
  depth: 40,
  /** Values in a file after its aliases are unfolded. */
  values: 200_000,
  messages: 20_000_000,
  nodes: 1_000,
  partitions: 10_000,
  events: 2_000_000_000,
  faults: 10_000,
  variants: 1_000,
  /** Variants times values: each variant is checked like a file of its own. */
  work: 2_000_000,
  problems: 1_000,
} as const;
