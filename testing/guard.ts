import { HandlerMistake } from '../models/parts/handler.ts';

/** What code may read from the machine, where it is, and what to use in its place. */
const UNREPEATABLE: readonly (readonly [owner: object, key: string, instead: string])[] = [
  [Math, 'random', 'use `random(n)` of the tools'],
  [Date, 'now', 'use `now` of the tools'],
  [performance, 'now', 'use `now` of the tools'],
  [crypto, 'randomUUID', 'use the message, or `random(n)` of the tools'],
  [crypto, 'getRandomValues', 'use `random(n)` of the tools'],
  [globalThis, 'setTimeout', 'use `yield* sleep(milliseconds)` of the tools'],
  [globalThis, 'setInterval', 'use `yield* sleep(milliseconds)` of the tools'],
  [globalThis, 'setImmediate', 'use `yield* sleep(milliseconds)` of the tools'],
  [globalThis, 'queueMicrotask', 'handlers are generators: use `yield*`'],
  [globalThis, 'fetch', 'call the service of the tools'],
];

/**
 * Runs `work` while nothing on this machine can make it come out differently another time: whoever
 * asks for the time or for chance is told what to use in its place. `work` must not wait.
 */
export function guarded<Result>(work: () => Result): Result {
  const kept = UNREPEATABLE.map(([owner, key]) => Object.getOwnPropertyDescriptor(owner, key));
  let caught: HandlerMistake | undefined;
  const refuse = (name: string, instead: string) => {
    caught ??= new HandlerMistake(
      `own code called ${name} in a simulated run, which could then never be repeated: ${instead}`,
    );
    throw caught;
  };
  const { Date: RealDate } = globalThis;
  for (const [owner, key, instead] of UNREPEATABLE) put(owner, key, () => refuse(key, instead));
  put(
    globalThis,
    'Date',
    dateWithoutNow(RealDate, () => refuse('Date', 'use `now` of the tools')),
  );
  try {
    const result = work();
    // Own code may have caught it: the run is worth nothing all the same.
    if (caught !== undefined) throw caught;
    return result;
  } finally {
    put(globalThis, 'Date', RealDate);
    for (const [i, [owner, key]] of UNREPEATABLE.entries()) {
      const was = kept[i];
      if (was === undefined) Reflect.deleteProperty(owner, key);
      else Object.defineProperty(owner, key, was);
    }
  }
}

function put(owner: object, key: string, value: unknown): void {
  Object.defineProperty(owner, key, { value, configurable: true, writable: true });
}

/** A date that is given is a value like any other; without one it would be now. */
function dateWithoutNow(RealDate: DateConstructor, refuse: () => never): DateConstructor {
  return new Proxy(RealDate, {
    construct: (target, args: unknown[], newTarget: new () => Date) =>
      args.length === 0 ? refuse() : (Reflect.construct(target, args, newTarget) as Date),
    apply: () => refuse(),
  });
}
