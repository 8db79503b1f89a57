import type { MessageId } from '../../sim/kernel/node.ts';
import type { Out } from '../../sim/kernel/out.ts';
import type { Micros } from '../../sim/kernel/time.ts';
import {
  type Ask,
  HandlerMistake,
  type MessageRef,
  type Steps,
  type Tools,
  type Transaction,
} from './handler.ts';

/** The message that own code means. */
export function messageOf(ref: MessageRef, producers: readonly string[]): MessageId {
  const id = typeof ref === 'string' ? ref : ref.id;
  const slash = id.lastIndexOf('/');
  const producer = producers.indexOf(id.slice(0, slash));
  const number = Number(id.slice(slash + 1));
  if (producer < 0 || !Number.isSafeInteger(number) || number < 0) {
    throw new HandlerMistake(`"${id}" is the id of no message: pass a message, or its \`id\``);
  }
  return number * producers.length + producer;
}

/** What own code is handed when its process starts. `life` tells its draws from earlier ones. */
export function toolsOf(name: string, producers: readonly string[], out: Out, life: number): Tools {
  const about = out.names.id('own code');
  const draw = out.names.id('random');
  let draws = 0;
  return {
    name,
    get now() {
      return out.clock / 1000;
    },
    random(n) {
      if (!Number.isSafeInteger(n) || n < 1) {
        throw new HandlerMistake(`random(${n}): give a whole number of outcomes, at least 1`);
      }
      return out.choose(draw, about, draws++, life, n);
    },
    sleep: (milliseconds) => one({ is: 'sleep', span: spanOf(milliseconds) }) as Steps,
    database: {
      transaction: <Result>(body: (tx: Transaction) => Result) => {
        return one({ is: 'transaction', body }) as Steps<Result>;
      },
      get: (key) => one({ is: 'transaction', body: (tx) => tx.get(key) }),
      set: (key, value) => {
        return one({ is: 'transaction', body: (tx) => tx.set(key, value) }) as Steps;
      },
    },
    api: {
      call: (ref, { idempotencyKey = '' } = {}) => {
        return one({ is: 'call', message: messageOf(ref, producers), idempotencyKey }) as Steps;
      },
    },
    apply: (ref) => one({ is: 'apply', message: messageOf(ref, producers) }) as Steps,
  };
}

/** Nothing happens until somebody writes `yield*` before it. */
function* one(ask: Ask): Steps<unknown> {
  return yield ask;
}

function spanOf(milliseconds: number): Micros {
  const span = Math.round(milliseconds * 1000);
  if (Number.isSafeInteger(span) && span >= 0) return span;
  throw new HandlerMistake(`sleep(${milliseconds}): give milliseconds, 0 or more`);
}
