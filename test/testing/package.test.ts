import { readFileSync } from 'node:fs';
import { matchers, simulate } from 'lost-ack/testing';
import * as arbitraries from 'lost-ack/testing/fast-check';
import { expect, test } from 'vitest';
import * as source from '../../testing/index.ts';
import { calls, crashAtEffect, KAFKA } from './scenes.ts';

/** The files of a `files` entry of package.json, and what `exports` names. */
interface Manifest {
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly files: readonly string[];
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
}

test('the package as it is built gives the runs of its source', () => {
  const options = { handlers: { billing: calls }, faults: [crashAtEffect(2)] };
  const built = simulate(KAFKA, options);
  expect(built.record.digest).toBe(source.simulate(KAFKA, options).record.digest);
  expect(Object.keys(matchers)).toEqual(Object.keys(source.matchers));
  expect(Object.keys(arbitraries).sort()).toEqual([
    'configurations',
    'faultPlans',
    'topologies',
    'workloads',
  ]);
});

test('what others build with is optional, and no part of the bundle for those without it', () => {
  const { exports, peerDependenciesMeta } = JSON.parse(
    readFileSync('package.json', 'utf8'),
  ) as Manifest;
  expect(peerDependenciesMeta).toEqual({
    'fast-check': { optional: true },
    vitest: { optional: true },
  });
  const entry = readFileSync(exports['./testing'].default, 'utf8');
  expect(entry).not.toMatch(/from ?["'](vitest|fast-check)["']/);
  const others = ['vitest', 'fast-check'] as const;
  for (const name of others) {
    const text = readFileSync(exports[`./testing/${name}`].default, 'utf8');
    expect(text).toMatch(new RegExp(`from ?["']${name}["']`));
  }
});
