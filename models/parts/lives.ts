import type { Out } from '../../sim/kernel/out.ts';

/** Lives are counted on from here after a disk was replaced: enough for those that it forgot. */
const LIVES_OF_A_DISK = 1000;

/** Number of this process among all of its node, from 1; kept on the disk. */
export function nextLife(out: Out): number {
  const { erasures } = out.disk;
  const life = (out.disk.read<number>('lives') ?? erasures * LIVES_OF_A_DISK) + 1;
  out.disk.write('lives', life);
  out.disk.harden('lives', 0);
  return life;
}

/** A process counts its labels from here, so that no two lives of a node share one. */
export function labelBase(life: number): number {
  return (life - 1) * 10_000_000;
}
