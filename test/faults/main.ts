import { parseArgs } from 'node:util';
import { bundleApplyProcess } from './bundle.js';
import type { CaseResult } from './case-result.js';
import { checkers } from './checkers.js';
import { crashPoints } from './crash-points.js';
import { startEngines, type Engine } from './engine.js';
import { failovers } from './failovers.js';
import { failingCommands } from './failing-commands.js';
import { failingPlans } from './failing-plans.js';
import { networkFaults } from './network-faults.js';
import { ProcessPool } from './process-pool.js';
import { races } from './races.js';
import { Tally } from './tally.js';

/**
 * The fault suite: `npm run test:faults [-- [ENGINE [SECTION]] [--every-code]]`, where ENGINE begins the name of one
 * engine and SECTION that of one section; with `--every-code` commands fail with every code that a server knows for
 * them, and not with one of each kind. Ends with 1 if any promise was broken.
 */
type Run = (engine: Engine, pool: ProcessPool) => Promise<CaseResult[]>;

const {
  values: { 'every-code': everyCode },
  positionals: [engineName = '', sectionName = ''],
} = parseArgs({ options: { 'every-code': { type: 'boolean', default: false } }, allowPositionals: true });

const codes = everyCode ? 'every-code' : 'one-of-each-kind';

interface Section {
  readonly name: string;
  readonly run: Run;
  readonly on: 'all' | 'transactions' | 'ours';
}

/** One round after the other; the sections of one go on side by side, for they mostly wait. */
const ROUNDS: readonly (readonly Section[])[] = [
  [{ name: 'checker mutants caught', run: checkers, on: 'transactions' }],
  [{ name: 'crash points survived', run: crashPoints, on: 'all' }],
  [{ name: 'races correct', run: races, on: 'transactions' }],
  [
    { name: 'network faults survived', run: networkFaults, on: 'transactions' },
    { name: 'failovers survived', run: failovers, on: 'ours' },
  ],
  [
    {
      name: 'server errors survived',
      run: async (engine, pool) => {
        const sides = [failingCommands(engine, pool, codes), failingPlans(engine, codes)];
        return (await Promise.all(sides)).flat();
      },
      on: 'ours',
    },
  ],
];

const tally = new Tally((text) => process.stdout.write(text));
const bundle = await bundleApplyProcess();
const started = await startEngines(engineName, (text) => process.stderr.write(`${text}\n`));
const pool = new ProcessPool(bundle.path, 3);
try {
  for (const engine of started.engines) {
    tally.beginEngine(engine);
    for (const round of ROUNDS) {
      const wanted = round.filter(({ name, on }) => name.startsWith(sectionName) && isFor(on, engine));
      await Promise.all(
        wanted.map(async ({ name, run }) => {
          const begun = Date.now();
          tally.add(name, await run(engine, pool), Date.now() - begun);
        }),
      );
    }
  }
} finally {
  await pool.close();
  await started.stop();
  await bundle.remove();
}
tally.end();
// Nothing at all proves nothing.
process.exitCode = tally.passed > 0 && tally.failed === 0 ? 0 : 1;

function isFor(on: Section['on'], { transactions, mongod }: Engine): boolean {
  return on === 'all' || (transactions === 'available' && (on === 'transactions' || mongod !== null));
}
