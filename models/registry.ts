import type { System } from './parts/system.ts';

/** Every system that a scenario can name. Adding one is adding a folder and a line here. */
export const SYSTEMS: readonly System[] = [];
