import type { KeyTable, Settings } from '../models/parts/config.ts';
import {
  CHANNEL_WORDS,
  type ChannelKind,
  type ChannelWord,
  type ConsumerPlan,
  type Deployment,
  kindsOf,
  type Place,
  type System,
} from '../models/parts/system.ts';
import { readCheckpoints, readStarts } from './consuming.ts';
import { readHandling } from './handling.ts';
import { didYouMean, listed } from './nearest.ts';
import type { Complaints } from './place.ts';
import type { Reader } from './read.ts';
import type { Frame, Process } from './form.ts';
import {
  deploymentOf,
  fullName,
  keyElsewhere,
  longName,
  placeWord,
  type Site,
  type Target,
  Targets,
} from './site.ts';
import { readSettings, type Spots } from './settings.ts';
import {
  type Branch,
  type Entry,
  find,
  keysOf,
  keySpan,
  type Path,
  type Tree,
  valueSpan,
} from './tree.ts';
import { readWorkload } from './workload.ts';

/** What is known already of the table that a `config:` is read against. */
interface Known {
  readonly spots?: Spots;
  readonly keys?: KeyTable;
  readonly word?: string;
}

export interface Deployed {
  readonly systems: readonly { readonly system: System; readonly deployment: Deployment }[];
  /** Names of consumers and producers, also of those with mistakes. */
  readonly producers: readonly string[];
  readonly consumers: readonly string[];
}

/**
 * Everything that is deployed: systems, channels, producers, consumers, in the order of the file.
 */
export class Deployer {
  readonly #frame: Frame;
  readonly #root: Tree;
  readonly #complaints: Complaints;
  readonly #reader: Reader;
  readonly #known: readonly System[];
  readonly #sites: Site[] = [];
  /** Place of every configuration key, by the path of its component. */
  readonly #spots = new Map<string, Spots>();
  /** Was every system understood? If not, channels are not looked up. */
  #complete = true;

  constructor(frame: Frame, known: readonly System[], reader: Reader) {
    this.#frame = frame;
    this.#root = reader.root;
    this.#complaints = reader.complaints;
    this.#reader = reader;
    this.#known = known;
  }

  deploy(): Deployed {
    this.#systems();
    const sendable = new Targets(this.#sites, 'to');
    this.#producers(sendable);
    this.#consumers(new Targets(this.#sites, 'from'), sendable);
    const systems = this.#sites.map((site) => ({
      system: site.system,
      deployment: deploymentOf(site),
    }));
    return {
      systems,
      producers: keysOf(find(this.#root, ['producers'])),
      consumers: keysOf(find(this.#root, ['consumers'])),
    };
  }

  #systems(): void {
    const { system, systems } = this.#frame;
    const top = keysOf(this.#root);
    if (top.includes('systems') && top.includes('system')) {
      const hint = 'several systems go under `systems:`, one goes without it';
      const says = 'both "system" and "systems" are given';
      this.#complaints.add('SCN024', keySpan(this.#root, ['systems']), says, hint);
      this.#complete = false;
      return;
    }
    if (!top.includes('systems')) {
      if (!top.includes('system')) {
        const hint = `write \`system: ${this.#known[0]?.name ?? 'kafka'}\`; known: ${this.#names()}`;
        this.#complaints.add('SCN024', keySpan(this.#root, []), 'no system is given', hint);
        this.#complete = false;
      } else this.#site('', [], system);
      return;
    }
    for (const key of ['version', 'cluster', ...CHANNEL_WORDS]) {
      if (!top.includes(key)) continue;
      const says = `"${key}" stands beside "systems", so it belongs to none of them`;
      this.#complaints.add(
        'SCN024',
        keySpan(this.#root, [key]),
        says,
        'move it into one of the systems',
      );
    }
    for (const name of keysOf(find(this.#root, ['systems']))) {
      this.#site(name, ['systems', name], own(systems, name)?.system);
    }
  }

  #names(): string {
    return listed(this.#known.map((s) => s.name));
  }

  #site(name: string, path: Path, word: string | undefined): void {
    const tree = find(this.#root, path);
    if (word === undefined) {
      this.#complete = false;
      if (tree?.is === 'branch' && !tree.entries.has('system')) {
        const says = `"${path.join('.')}": "system" is missing`;
        this.#complaints.add('SCN011', keySpan(this.#root, path), says, `known: ${this.#names()}`);
      }
      return;
    }
    const system = this.#known.find((s) => s.name === word);
    if (system === undefined) {
      this.#complete = false;
      const span = valueSpan(this.#root, [...path, 'system']);
      const hint = didYouMean(
        word,
        this.#known.map((s) => s.name),
      );
      this.#complaints.add('SCN020', span, `no system "${word}" is modelled`, hint);
      return;
    }
    const version = this.#version(system, path);
    const before = this.#complaints.errors;
    const servers = { keys: system.keys.cluster, shape: system.clusterShape };
    const cluster = this.#settingsPair(system, version, 'cluster', servers, [...path, 'cluster']);
    const site: Site = {
      name,
      path,
      system,
      version,
      cluster,
      channels: [],
      producers: [],
      consumers: [],
      sound: true,
    };
    this.#sites.push(site);
    this.#channels(site);
    site.sound = this.#complaints.errors === before;
  }

  #version(system: System, path: Path): string {
    // The text as written: 3.10 is not 3.1.
    const leaf = find(this.#root, [...path, 'version']);
    const standard = system.versions[0] ?? '';
    if (leaf?.is !== 'leaf' || leaf.value === null) return standard;
    if (system.versions.includes(leaf.text)) return leaf.text;
    const hint = `known versions: ${listed(system.versions)}`;
    const says = `${system.name} ${leaf.text} is not modelled`;
    this.#complaints.add('SCN021', leaf.span, says, hint);
    return standard;
  }

  #channels(site: Site): void {
    const { system, path } = site;
    const kinds = kindsOf(system);
    const words = kinds.map((kind) => kind.word);
    const tree = find(this.#root, path);
    for (const wrong of CHANNEL_WORDS) {
      if (words.includes(wrong) || tree?.is !== 'branch' || !tree.entries.has(wrong)) continue;
      const span = keySpan(this.#root, [...path, wrong]);
      const says = `${system.name} has ${listed(words)}, not ${wrong}`;
      this.#complaints.add('SCN022', span, says, `write \`${words[0]}:\``);
    }
    for (const kind of kinds) {
      for (const name of keysOf(find(tree, [kind.word]))) {
        const at = [...path, kind.word, name];
        const pair = this.#settingsPair(system, site.version, 'channel', kind, at, kind.word);
        const channel = this.#sites.reduce((sum, s) => sum + s.channels.length, 0);
        const other = kind.word === system.channels ? {} : { kind: kind.word };
        site.channels.push({ name, channel, ...other, ...pair });
      }
    }
  }

  /** Keys beside `config`, and those in it. */
  #settingsPair(
    system: System,
    version: string,
    place: 'cluster' | 'channel',
    { keys, shape }: Pick<ChannelKind, 'keys' | 'shape'>,
    path: Path,
    kind?: string,
  ) {
    const tree = find(this.#root, path);
    const beside = new Map(tree?.is === 'branch' ? tree.entries : []);
    beside.delete('config');
    const spots: Spots = new Map();
    const word = placeWord(system, place, kind);
    const given = (key: string) => keyElsewhere(key, system, place, false, this.#known);
    return {
      shape: readSettings(
        beside,
        { keys: shape, version, place: word, also: ['config'], elsewhere: given },
        this.#complaints,
        spots,
      ),
      config: this.#config(system, version, place, [...path, 'config'], { spots, keys, word }),
    };
  }

  #config(
    system: System,
    version: string,
    place: Place,
    path: Path,
    { spots = new Map(), keys = system.keys[place], word = placeWord(system, place) }: Known = {},
  ): Settings {
    this.#spots.set(path.slice(0, -1).join(' '), spots);
    const tree = find(this.#root, path);
    const given: ReadonlyMap<string, Entry> =
      tree?.is === 'branch' ? (tree as Branch).entries : new Map();
    const table = {
      keys,
      version,
      place: word,
      elsewhere: (key: string) => keyElsewhere(key, system, place, true, this.#known),
    };
    return readSettings(given, table, this.#complaints, spots);
  }

  /** The site and channel that a `to:` or `from:` names. */
  #channel(word: string, path: Path, targets: Targets): Target | undefined {
    if (word === '' || !this.#complete) return undefined;
    const found = targets.find(word);
    if (found.length === 1) return found[0];
    const span = valueSpan(this.#root, path);
    const kinds = new Set(this.#sites.map((s) => s.system.channels.slice(0, -1)));
    const kind = kinds.size === 0 ? 'topic' : [...kinds].join(' or ');
    if (found.length > 1) {
      const one = found.every((target) => target.site === found[0].site);
      const hint = `write ${found.map(one ? longName : fullName).join(' or ')}`;
      const says = `"${word}" ${one ? 'is of several kinds' : 'is in several systems'}`;
      this.#complaints.add('SCN023', span, says, hint);
      return undefined;
    }
    const otherwise = targets.names.length === 0 ? `declare it: \`${kind}s: { ${word}: {} }\`` : '';
    const hint = didYouMean(word, targets.names, otherwise);
    this.#complaints.add('SCN023', span, `no ${kind} "${word}" is declared`, hint);
    return undefined;
  }

  #producers(targets: Targets): void {
    const names = keysOf(find(this.#root, ['producers']));
    names.forEach((name, producer) => {
      const value = own(this.#frame.producers, name);
      const path = ['producers', name];
      const target = this.#channel(value?.to ?? '', [...path, 'to'], targets);
      const site = target?.site ?? this.#sites[0];
      if (site === undefined) return;
      const before = this.#complaints.errors;
      const config = this.#config(site.system, site.version, 'producer', [...path, 'config']);
      site.sound &&= this.#complaints.errors === before;
      const channel = target?.channel.channel ?? 0;
      const identity = { producer, producers: names.length, name, channel };
      const workload = readWorkload(value?.send ?? {}, [...path, 'send'], identity, this.#reader);
      site.producers.push({ name, to: target?.channel.name ?? '', config, workload });
      if (target === undefined) site.sound = false;
    });
  }

  #consumers(targets: Targets, sendable: Targets): void {
    keysOf(find(this.#root, ['consumers'])).forEach((name, subscription) => {
      const value = own(this.#frame.consumers, name);
      const path = ['consumers', name];
      const target = this.#channel(value?.from ?? '', [...path, 'from'], targets);
      const site = target?.site ?? this.#sites[0];
      if (site === undefined) return;
      const before = this.#complaints.errors;
      const config = this.#config(site.system, site.version, 'consumer', [...path, 'config']);
      site.sound &&= this.#complaints.errors === before;
      if (value?.offsets !== undefined && site.system.keepsOffsets !== true) {
        const says = `${site.system.name} keeps no committed offsets`;
        const span = keySpan(this.#root, [...path, 'offsets']);
        this.#complaints.add('SCN025', span, says, 'remove it');
      }
      const process = value?.process ?? {};
      const usual = site.system.defaultAcknowledge?.(config) ?? 'after';
      const acknowledge = process.produce === undefined ? usual : 'after';
      const instances = value?.instances ?? 1;
      site.consumers.push({
        name,
        from: target?.channel.name ?? '',
        subscription,
        instances,
        startsAt: readStarts(value?.starts, instances, [...path, 'starts'], this.#reader),
        ...(value?.offsets === undefined ? {} : { offsets: value.offsets }),
        config,
        handling: readHandling(process, [...path, 'process'], acknowledge, this.#reader),
        ...this.#output(process, site, sendable, [...path, 'process', 'produce']),
        ...readCheckpoints(process, [...path, 'process', 'checkpoints'], this.#reader),
      });
      if (target === undefined) site.sound = false;
    });
  }

  /** What the application makes of each message. */
  #output(
    { produce }: Process,
    site: Site,
    targets: Targets,
    path: Path,
  ): Pick<ConsumerPlan, 'output'> {
    if (produce === undefined) return {};
    const target = this.#channel(produce.to, [...path, 'to'], targets);
    const before = this.#complaints.errors;
    const config = this.#config(site.system, site.version, 'producer', [...path, 'config']);
    if (target !== undefined && (target.site !== site || site.system.transforms !== true)) {
      const says = `a consumer of ${site.system.name} that produces is not modelled`;
      const hint = 'Kafka consumers can, into a topic of the same cluster';
      this.#complaints.add('SCN025', keySpan(this.#root, path), says, hint);
    }
    site.sound &&= this.#complaints.errors === before && target !== undefined;
    const fenced = produce['group-metadata'] ?? true;
    return { output: { to: target?.channel.name ?? '', config, fenced } };
  }

  /** Asks the modelled systems themselves what they would refuse or change. */
  askSystems(): void {
    for (const site of this.#sites) if (site.sound) this.#findings(site);
  }

  #findings(site: Site): void {
    for (const finding of site.system.check(deploymentOf(site))) {
      const { place, component, kind, key, says, hint } = finding;
      const code = finding.severity === 'refused' ? 'SCN037' : 'SCN038';
      const base = this.#pathOf(site, place, component, kind);
      // A complaint may be about the handling: `acknowledge`, `workers`.
      const process = [...base, 'process', key];
      const at = find(this.#root, process) === undefined ? base : process;
      const span = this.#spots.get(base.join(' '))?.get(key) ?? valueSpan(this.#root, at);
      this.#complaints.add(code, span, says, hint);
    }
  }

  #pathOf(site: Site, place: Place, component: string, kind?: ChannelWord): Path {
    if (place === 'producer') return ['producers', component];
    if (place === 'consumer') return ['consumers', component];
    if (place === 'channel') return [...site.path, kind ?? site.system.channels, component];
    const cluster = [...site.path, 'cluster'];
    return find(this.#root, cluster) === undefined ? [...site.path, 'system'] : cluster;
  }
}

/** A name such as "constructor" is nothing that was written. */
function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
