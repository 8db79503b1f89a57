import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // The examples import the package by its name, as it is built.
    include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    setupFiles: ['test/setup.ts'],
    // Machines are noisy and tests assert no times: only a hang should end one.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'threads',
  },
});
