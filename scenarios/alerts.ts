import type { z } from 'zod';
import { didYouMean } from './nearest.ts';
import type { Reader } from './read.ts';
import type { AlertRule } from './scenario.ts';
import type { alertSchema } from './form.ts';
import { find, keysOf, valueSpan } from './tree.ts';

type Written = Readonly<Record<string, z.infer<typeof alertSchema>>>;

/** `alerts:`, in the order of the file. */
export function readAlerts(
  written: Written,
  consumers: readonly string[],
  reader: Reader,
): AlertRule[] {
  const rules: AlertRule[] = [];
  for (const name of keysOf(find(reader.root, ['alerts']))) {
    const alert = Object.hasOwn(written, name) ? written[name] : undefined;
    if (alert === undefined) continue;
    const path = ['alerts', name];
    const { lag, above, subscription = '' } = alert;
    if (subscription !== '' && !consumers.includes(subscription)) {
      const span = valueSpan(reader.root, [...path, 'subscription']);
      reader.complaints.add(
        'SCN051',
        span,
        `no subscription "${subscription}"`,
        didYouMean(subscription, consumers),
      );
    }
    const threshold = [...path, 'above'];
    const time = typeof above === 'string' || above === 0;
    if (above !== 0 && time !== (lag === 'time')) {
      const says = `a lag in ${lag} cannot be above ${above}`;
      const hint = lag === 'time' ? 'write a duration: 60s' : 'write a number of messages: 1000';
      reader.complaints.add('SCN025', valueSpan(reader.root, threshold), says, hint);
      continue;
    }
    rules.push({
      name,
      subscription,
      lag,
      above: typeof above === 'string' ? reader.duration(above, threshold, 0) : above,
      for: reader.duration(alert.for, [...path, 'for'], 0),
    });
  }
  return rules;
}
