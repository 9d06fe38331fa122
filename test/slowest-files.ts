import type { Reporter, TestModule } from 'vitest/node';

const SHOWN = 12;

/** Prints which test files took longest, so that a slow suite says where its time goes. */
export default class SlowestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const slowest = modules
      .map((module) => ({ name: module.relativeModuleId, ms: spentOn(module) }))
      .sort((a, b) => b.ms - a.ms)
      .slice(0, SHOWN);
    const lines = slowest.map(({ name, ms }) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${name}`);
    process.stdout.write(`\nThe slowest test files:\n${lines.join('\n')}\n`);
  }
}

/** Milliseconds. */
function spentOn(module: TestModule): number {
  const { collectDuration, setupDuration, duration } = module.diagnostic();
  return collectDuration + setupDuration + duration;
}
