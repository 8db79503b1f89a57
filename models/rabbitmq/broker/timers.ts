/** Timers of the broker itself; those of queues come above, so many to each. */
export const Timer = { heartbeat: 0, tick: 1, alarm: 2, delayed: 3, net: 4 } as const;
export const QUEUE_TIMERS = 16;
