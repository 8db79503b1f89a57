import { ClassicQueue } from '../../../../models/rabbitmq/classic/queue.ts';
import { Ready } from '../../../../models/rabbitmq/classic/ready.ts';
import { Rotation } from '../../../../models/rabbitmq/classic/rotation.ts';
import { Execution } from '../../../../scenarios/execute.ts';
import { loadScenario } from '../../../../scenarios/load.ts';
import type { ModelFinding } from '../../../../sim/history/record.ts';

/** The real model with one rule broken: puts the flaw in, and says how to take it out. */
export type Flaw = () => () => void;

function replaced<T extends object, K extends keyof T>(of: T, key: K, by: T[K]): () => void {
  const real = of[key];
  of[key] = by;
  return () => {
    of[key] = real;
  };
}

/** What comes back goes to the tail, as if it were new. */
export const requeuesAtTheTail: Flaw = () =>
  replaced(Ready.prototype, 'requeue', function (this: Ready, entry) {
    this.push(entry);
  });

/** The queue looks at nobody's prefetch. */
export const ignoresPrefetch: Flaw = () =>
  replaced(Rotation.prototype, 'next', function (this: Rotation) {
    return this.holders[0];
  });

/** The queue takes the first acknowledgement for a requeue. */
export const forgetsAnAck: Flaw = () => {
  const { settle } = ClassicQueue.prototype;
  let done = false;
  return replaced(
    ClassicQueue.prototype,
    'settle',
    function (this: ClassicQueue, channel, how, list) {
      settle.call(this, channel, done || how !== 'ack' ? how : 'requeue', list);
      done = true;
    },
  );
};

/** What the audit says of a run, without the flaw or with it. */
export function auditOf(text: string, flaw?: Flaw): ReadonlyMap<string, ModelFinding> {
  const { scenario, problems } = loadScenario(text, 'broken.yaml');
  if (scenario === undefined) throw new Error(problems.map((p) => p.says).join('\n'));
  const mend = flaw?.();
  try {
    const execution = new Execution(scenario, { seed: '1' });
    while (!execution.advance(Infinity));
    return new Map((execution.record().model ?? []).map((f) => [f.name, f]));
  } finally {
    mend?.();
  }
}
