import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    disableConsoleIntercept: true,
    reporters: ['default', './test/slowest-files.js'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Most tests wait for servers and processes: two cores can do with more.
    maxWorkers: 4,
    // Two projects, so that running unit tests does not start database servers.
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'databases',
          include: ['test/{integration,e2e}/**/*.test.ts'],
          globalSetup: ['test/global-setup.ts'],
        },
      },
    ],
  },
});
