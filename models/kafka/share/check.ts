import type { Settings } from '../../parts/config.ts';
import type { ConsumerPlan, Finding } from '../../parts/system.ts';
import { rulesOf, since } from '../versions.ts';

type Said = [severity: Finding['severity'], key: string, says: string, hint: string];

/** What a share group does not allow, or does otherwise. */
export function checkShare(
  { config, handling }: ConsumerPlan,
  cluster: Settings,
  version: string,
): Said[] {
  const found: Said[] = [];
  if (!rulesOf(version).shareGroups) {
    const says = `share groups (KIP-932) came with ${since('shareGroups')}, as a preview`;
    found.push(['refused', 'group.protocol', says, "version: '4.2', or group.protocol: classic"]);
  }
  const explicit = config.text('share.acknowledgement.mode') === 'explicit';
  const mode = 'share.acknowledgement.mode';
  if (handling.acknowledge === 'with-effect') {
    const says = 'a share group has no positions that could be stored with the effect';
    found.push(['refused', 'acknowledge', says, 'acknowledge: after']);
  } else if (explicit && handling.acknowledge === 'auto') {
    const says = 'All records must be acknowledged in explicit acknowledgement mode.';
    found.push(['refused', 'acknowledge', says, `acknowledge: after, or ${mode}: implicit`]);
  } else if (!explicit && handling.acknowledge !== 'auto') {
    const says = 'Implicit acknowledgement of delivery is being used.';
    found.push(['refused', 'acknowledge', says, `${mode}: explicit, or acknowledge: auto`]);
  }
  if (handling.workers > 1) {
    const says = 'an instance of a share group handles its records one by one here';
    found.push(['adjusted', 'workers', says, 'more instances']);
  }
  const lock = 'share.record.lock.duration.ms';
  const duration = config.given(lock) ? config.number(lock) : cluster.number(`group.${lock}`);
  if (duration < 15_000 || duration > 60_000) {
    const says = `the broker allows 15000 to 60000: group.share.min/max.record.lock.duration.ms`;
    if (config.given(lock)) found.push(['adjusted', lock, says, 'it is taken as it stands']);
  }
  return found;
}
