// The hold model in JavaScript: N events pending; pop the earliest, push now + Exp(1).
// Contestants: `bare` (a 4-ary heap in typed arrays and nothing else), `queue` (the product's
// EventQueue) and `world` (World.step: queue, clock, dispatch, digest, a node with a timer).

/** Exp(1) in whole microseconds, mean 1000: the same 4096 values for every contestant. */
export function gaps() {
  const table = new Float64Array(4096);
  for (let i = 0; i < 4096; i++) table[i] = Math.round(-1000 * Math.log(1 - (i + 0.5) / 4096));
  return table;
}

class Draw {
  #state = 0x9e3779b9 | 0;
  next() {
    let s = this.#state;
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    this.#state = s;
    return s >>> 20;
  }
}

/** Calls `hold(10 000)` until the time is over; holds per second. */
function measure(seconds, hold) {
  const start = performance.now();
  let holds = 0;
  let passed = 0;
  do {
    hold(10_000);
    holds += 10_000;
    passed = (performance.now() - start) / 1000;
  } while (passed < seconds);
  return holds / passed;
}

export function bare(pending, seconds) {
  const times = new Float64Array(pending + 1);
  const turns = new Float64Array(pending + 1);
  const nodes = new Int32Array(pending + 1);
  const table = gaps();
  const draw = new Draw();
  let [size, turn, sum] = [0, 0, 0];
  const push = (time, node) => {
    const mine = turn++;
    let place = size++;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      // The newest turn: on a tie it stays behind.
      if (time >= times[parent]) break;
      times[place] = times[parent];
      turns[place] = turns[parent];
      nodes[place] = nodes[parent];
      place = parent;
    }
    times[place] = time;
    turns[place] = mine;
    nodes[place] = node;
  };
  const removeFirst = () => {
    const last = --size;
    const [time, turn, node] = [times[last], turns[last], nodes[last]];
    let place = 0;
    for (;;) {
      const first = place * 4 + 1;
      if (first >= size) break;
      const end = Math.min(first + 4, size);
      let child = first;
      for (let i = first + 1; i < end; i++) {
        if (times[i] < times[child] || (times[i] === times[child] && turns[i] < turns[child])) {
          child = i;
        }
      }
      if (time < times[child] || (time === times[child] && turn < turns[child])) break;
      times[place] = times[child];
      turns[place] = turns[child];
      nodes[place] = nodes[child];
      place = child;
    }
    times[place] = time;
    turns[place] = turn;
    nodes[place] = node;
  };
  for (let i = 0; i < pending; i++) push(table[draw.next()], i & 15);
  const rate = measure(seconds, (count) => {
    for (let i = 0; i < count; i++) {
      const now = times[0];
      const node = nodes[0];
      removeFirst();
      sum += node;
      push(now + table[draw.next()], node);
    }
  });
  return { rate, sum };
}

export function queue({ EventQueue }, pending, seconds) {
  const events = new EventQueue();
  const table = gaps();
  const draw = new Draw();
  let sum = 0;
  for (let i = 0; i < pending; i++) {
    events.push(table[draw.next()], 3, i & 15, 0, 0, 0, -1, undefined);
  }
  const rate = measure(seconds, (count) => {
    for (let i = 0; i < count; i++) {
      events.pop();
      const { node } = events;
      sum += node;
      events.push(events.now + table[draw.next()], 3, node, 0, 0, 0, -1, undefined);
    }
  });
  return { rate, sum };
}

/** Sixteen nodes that set a timer and, when it fires, the next one. */
export function world({ World, Names, Distribution, QUIET }, pending, seconds) {
  const table = gaps();
  const draw = new Draw();
  const it = new World({
    names: new Names(),
    choices: QUIET,
    observer: { fact() {} },
    latency: Distribution.constant(0),
  });
  const role = {
    start(out) {
      for (let i = 0; i < pending / 16; i++) out.timer(table[draw.next()], 0);
      return { fired: 0 };
    },
    onMessage() {},
    onTimer(state, code, _data, out) {
      state.fired++;
      out.timer(table[draw.next()], code);
    },
  };
  for (let i = 0; i < 16; i++) it.add(`node-${i}`, role);
  for (let i = 0; i < 16; i++) it.step();
  const rate = measure(seconds, (count) => {
    for (let i = 0; i < count; i++) it.step();
  });
  return { rate, digest: it.digest.text() };
}
