import type { NodeId } from '../../sim/kernel/node.ts';
import { millis, seconds, type Micros } from '../../sim/kernel/time.ts';
import type { Settings } from '../parts/config.ts';
import type { ConsumerPlan, Deployed, Deployment, Ground, System } from '../parts/system.ts';
import { check } from './check.ts';
import { KEYS } from './config.ts';
import type { PartyPlan } from './correspondence.ts';
import { receiver } from './receiver.ts';
import { LETTERS, readRules, type Side } from './rules.ts';
import { sender } from './sender.ts';

/** Two parties, a link that loses letters, and rules. What the impossibility proofs speak of. */
export const letters: System = {
  name: 'letters',
  versions: ['1'],
  channels: 'links',
  keys: KEYS,
  shape: [],
  clusterShape: [],
  messages: LETTERS,
  order: () => 'none',
  transport: 'datagram',
  nodes: ({ producers, consumers }) => [...producers, ...consumers].map((party) => party.name),
  check,
  deploy,
};

function deploy({ producers, consumers, channels }: Deployment, ground: Ground): Deployed {
  const { world } = ground;
  const options = { transport: 'datagram' } as const;
  const peers = new Map<string, NodeId>();
  for (const consumer of consumers) {
    const { name, from, subscription, handling, config } = consumer;
    const channel = channels.find((link) => link.name === from)?.channel ?? 0;
    const stream = ground.stream(from, channel);
    const party = partyOf(config, 'consumer', world.names.id(from));
    const role = receiver({ ...party, subscription, stream, handling }, sinkOf(consumer, ground));
    peers.set(from, world.add(name, role, { ...options, startsAt: consumer.startsAt[0] }));
  }
  for (const { name, to, workload, config } of producers) {
    const party = partyOf(config, 'producer', world.names.id(to));
    world.add(name, sender({ ...party, workload }, peers.get(to) ?? 0), options);
  }
  return {
    patience: patienceOf([...producers, ...consumers].map((party) => party.config)),
    // A letter that was not taken up lies nowhere: there is no queue between the two.
    remaining: () => {},
  };
}

function partyOf(config: Settings, side: Side, about: number): PartyPlan {
  const { rules } = readRules(config.text('rules'), side);
  return { about, rules, silence: millis(config.number('silence')) };
}

function sinkOf({ handling }: ConsumerPlan, ground: Ground): NodeId {
  if (handling.effect === 'database') return ground.database();
  return handling.effect === 'api' ? ground.api() : -1;
}

/** Every rule on silence may have its turns, one silence each, on both sides. */
function patienceOf(configs: readonly Settings[]): Micros {
  const silent = configs.map((config) => {
    const rules = JSON.parse(config.text('rules')) as readonly { when: string; times?: number }[];
    const turns = rules.reduce((n, { when, times = 1 }) => (when === 'silence' ? n + times : n), 1);
    return turns * millis(config.number('silence'));
  });
  return silent.reduce((sum, span) => sum + span, seconds(5));
}
