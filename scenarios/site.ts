import {
  type ChannelPlan,
  type ConsumerPlan,
  type Deployment,
  kindsOf,
  type Place,
  type ProducerPlan,
  type System,
} from '../models/parts/system.ts';
import type { KeyTable } from '../models/parts/config.ts';
import { nearest } from './nearest.ts';
import type { Path } from './tree.ts';

/** One system of the scenario while it is being put together. */
export interface Site {
  /** Its name under `systems:`; "" when it is the only one. */
  readonly name: string;
  readonly path: Path;
  readonly system: System;
  readonly version: string;
  readonly cluster: Deployment['cluster'];
  readonly channels: ChannelPlan[];
  readonly producers: ProducerPlan[];
  readonly consumers: ConsumerPlan[];
  /** Were its settings read without a mistake? Only then is it asked what it would refuse. */
  sound: boolean;
}

export function deploymentOf(site: Site): Deployment {
  const { version, cluster, channels, producers, consumers } = site;
  return { version, cluster, channels, producers, consumers };
}

/** "topic", "producer", ...: as messages call it. */
export function placeWord(system: System, place: Place, kind: string = system.channels): string {
  return place === 'channel' ? kind.slice(0, -1) : place;
}

export interface Target {
  readonly site: Site;
  readonly channel: ChannelPlan;
}

export function fullName({ site, channel }: Target): string {
  return site.name === '' ? channel.name : `${site.name}/${channel.name}`;
}

/** The same with its kind, where one system has a topic and a queue of one name. */
export function longName(target: Target): string {
  const { site, channel } = target;
  return `${channel.kind ?? site.system.channels}/${channel.name}`;
}

/** Channels by every name that producers (`to`) or consumers (`from`) may use for them. */
export class Targets {
  readonly names: readonly string[];
  readonly #found = new Map<string, Target[]>();

  constructor(sites: readonly Site[], use: 'to' | 'from') {
    const all = sites.flatMap((site) => {
      const usable = new Map(kindsOf(site.system).map((kind) => [kind.word, kind[use]]));
      return site.channels
        .filter(({ kind }) => usable.get(kind ?? site.system.channels) === true)
        .map((channel) => ({ site, channel }));
    });
    this.names = all.map(fullName);
    for (const target of all) {
      for (const name of new Set([target.channel.name, fullName(target), longName(target)])) {
        const same = this.#found.get(name);
        if (same === undefined) this.#found.set(name, [target]);
        else same.push(target);
      }
    }
  }

  /** More than one when several systems have a channel of this name. */
  find(name: string): readonly Target[] {
    return this.#found.get(name) ?? [];
  }
}

const PLACES = ['cluster', 'channel', 'producer', 'consumer'] as const;

/** Where a key belongs that is not known at `place`: beside config, in it, or with another part. */
export function keyElsewhere(
  key: string,
  system: System,
  place: Place,
  inConfig: boolean,
  known: readonly System[],
): string {
  const has = (keys: KeyTable) => keys.some((k) => k.name === key);
  const shape = place === 'channel' ? system.shape : place === 'cluster' ? system.clusterShape : [];
  if (inConfig && has(shape)) return 'write it beside `config:`, not in it';
  if (!inConfig && has(system.keys[place])) return 'a configuration key: write it under `config:`';
  const others = PLACES.filter((p) => p !== place && has(system.keys[p]));
  if (others.length > 0) {
    return `it belongs to the config of a ${others.map((p) => placeWord(system, p)).join(' or a ')}`;
  }
  if (place !== 'channel' && has(system.shape)) {
    return `it belongs to a ${placeWord(system, 'channel')}`;
  }
  if (place !== 'cluster' && has(system.clusterShape)) return 'it belongs to the cluster';
  const names = system.keys[place].map((k) => k.name);
  const other = known.find((s) => s !== system && PLACES.some((p) => has(s.keys[p])));
  if (other === undefined || nearest(key, names) !== undefined) return '';
  return `it is a key of ${other.name}; this is ${system.name}`;
}
