import { assert } from '../../kernel/assert.ts';
import { fold, finish, hashText } from '../../kernel/hash.ts';
import type { Role } from '../../kernel/node.ts';
import type { Micros } from '../../kernel/time.ts';
import { World, type NodeOptions, type WorldOptions } from '../../kernel/world.ts';
import type { Message, NodeId } from '../../kernel/node.ts';

/**
 * What one node can know: what it was handed, when by its own clock, and what it did. Two runs with
 * equal marks are one and the same to it, whatever else differs.
 */
export class View {
  /** Every entry in words, where somebody wants to compare more than marks. */
  readonly log: string[] | undefined;
  size = 0;
  /**
   * How long the history is, and its mark, without the timers at its end: when a run is over is
   * nothing that a node sees, and what its timers would do follows from the rest.
   */
  told = { size: 0, mark: 0 };
  #first = 1;
  #second = 2;

  constructor(keeps: boolean) {
    this.log = keeps ? [] : undefined;
  }

  note(clock: Micros, word: string, content: unknown = ''): void {
    this.size++;
    const text = `${clock} ${word} ${spelled(content)}`;
    const hash = hashText(text);
    this.#first = fold(this.#first, hash);
    this.#second = fold(fold(this.#second, hash), text.length);
    this.log?.push(text);
    if (!word.startsWith('timer')) this.told = { size: this.size, mark: this.mark };
  }

  /** The history up to now as one number: equal for two histories once in 2^53 pairs. */
  get mark(): number {
    return finish(this.#first) * 2 ** 21 + (finish(this.#second) >>> 11);
  }
}

/** Deeper than any protocol message: what is deeper refers to itself. */
const DEEPEST = 20;

/** A message with all that is in it. Functions are nobody's content. */
function spelled(value: unknown, depth = 0): string {
  assert(depth < DEEPEST, 'a message refers to nothing that refers to it');
  if (typeof value === 'function') return '';
  if (typeof value !== 'object' || value === null) return String(value);
  const inner = (one: unknown): string => spelled(one, depth + 1);
  if (value instanceof Map) {
    return `{${[...value].map(([key, one]) => `${inner(key)}:${inner(one)}`).join()}}`;
  }
  if (Array.isArray(value) || value instanceof Set) return `[${[...value].map(inner).join()}]`;
  const pairs = Object.entries(value).map(([key, one]) => `${key}:${inner(one)}`);
  return `{${pairs.join()}}`;
}

/** A world in which one node is looked over the shoulder. */
export class WatchedWorld extends World {
  readonly #name: string;
  readonly #view: View;

  constructor(options: WorldOptions, name: string, view: View) {
    super(options);
    this.#name = name;
    this.#view = view;
  }

  override add<State, In extends Message>(
    name: string,
    role: Role<State, In>,
    options?: NodeOptions,
  ): NodeId {
    return super.add(name, name === this.#name ? watched(role, this.#view) : role, options);
  }
}

function watched<State, In extends Message>(role: Role<State, In>, view: View): Role<State, In> {
  return {
    start(out) {
      view.note(out.clock, 'starts');
      return role.start(out);
    },
    onMessage(state, from, message, out) {
      view.note(out.clock, `hears ${from}`, message);
      role.onMessage(state, from, message, out);
    },
    onTimer(state, code, data, out) {
      view.note(out.clock, `timer ${code}`);
      role.onTimer(state, code, data, out);
    },
    onDisconnect(state, peer, out) {
      view.note(out.clock, `hears that ${peer} is gone`);
      role.onDisconnect?.(state, peer, out);
    },
    onStop(state, out) {
      view.note(out.clock, 'is asked to stop');
      if (role.onStop === undefined) out.exit();
      else role.onStop(state, out);
    },
  };
}
